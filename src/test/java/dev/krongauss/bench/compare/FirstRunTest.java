package dev.krongauss.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What {@code bench/compare} launches without arguments is what a build for the first run
 * translates: a kernel that is missing there would be interpreted beside the clock.
 */
final class FirstRunTest {
  private static final Path TRANSLATE = Path.of("native/softcuda/translate");
  private static final Pattern ENTRY = Pattern.compile("\\.entry (\\w+)\\(");
  private static final Pattern UNTRANSLATED =
      Pattern.compile("set\\(softcuda_untranslated ([^)]*)\\)");

  @TempDir private Path folder;

  @Test
  void theFirstRunsKernelsAreTranslated() throws Exception {
    Set<String> launched = launched();
    launched.removeAll(untranslated());
    try (Stream<String> lines = Files.lines(TRANSLATE.resolve("first_run.txt"))) {
      Set<String> listed =
          lines
              .filter(line -> !line.startsWith("#"))
              .collect(Collectors.toCollection(TreeSet::new));
      assertThat(listed).isEqualTo(launched);
    }
  }

  /** Counted exactly; eleven updates hold one of each kind. */
  private Set<String> launched() throws Exception {
    Path counts = folder.resolve("counts.csv");
    Path output = folder.resolve("output.txt");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dkrongauss.softcuda.count=" + counts,
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                "dev.krongauss.bench.compare.Compare",
                "--device",
                "software",
                "--updates",
                "11",
                "--no-costs",
                "--no-pictures",
                "--out",
                folder.resolve("run").toString())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    assertThat(process.waitFor(10, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue()).as(Files.readString(output)).isZero();
    List<String> rows = Files.readAllLines(counts);
    return rows.stream()
        .skip(1)
        .map(row -> row.substring(0, row.indexOf(',')))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** The kernels of the files that no build translates. */
  private static Set<String> untranslated() throws IOException {
    Matcher files = UNTRANSLATED.matcher(Files.readString(TRANSLATE.resolve("translate.cmake")));
    assertThat(files.find()).isTrue();
    Set<String> kernels = new HashSet<>();
    for (String file : files.group(1).split("\\s+")) {
      Matcher entry =
          ENTRY.matcher(Files.readString(Path.of("kernels", "ptx").resolve(file + ".ptx")));
      while (entry.find()) {
        kernels.add(entry.group(1));
      }
    }
    return kernels;
  }
}
