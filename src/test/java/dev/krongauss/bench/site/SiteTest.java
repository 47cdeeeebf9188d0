package dev.krongauss.bench.site;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The site as it is written: everything that a page asks for lies in it. */
final class SiteTest {
  private static final Path HOME =
      Path.of(System.getProperty("krongauss.home", "")).toAbsolutePath();

  private static final Pattern REFERENCE =
      Pattern.compile("(?:href|src)=\"([^\"#]+)(?:#[^\"]*)?\"");
  private static final Path API = Path.of("src/main/java");

  @TempDir private Path folder;

  @Test
  void everythingThatAPageAsksForIsInTheSite() throws IOException {
    int status =
        new CommandLine(new Site(HOME)).execute("--no-javadoc", "--out", folder.toString());
    assertThat(status).isZero();
    List<String> missing = new ArrayList<>();
    for (Path page : pages()) {
      String html = Files.readString(page);
      assertThat(html).doesNotContain("src=\"http", "<script", "@import");
      Matcher reference = REFERENCE.matcher(html);
      while (reference.find()) {
        String target = URLDecoder.decode(reference.group(1), StandardCharsets.UTF_8);
        if (!target.startsWith("http") && !isThere(page.resolveSibling(target).normalize())) {
          missing.add(folder.relativize(page) + " → " + target);
        }
      }
    }
    assertThat(missing).isEmpty();
    assertThat(folder.resolve("index.html")).content().contains("<title>Krongauss</title>");
    assertThat(folder.resolve("conventions.html")).content().contains("<math display=\"block\">");
  }

  @Test
  void aPageThatCannotBeMadeIsAnError() throws IOException {
    Path home = Files.createDirectories(folder.resolve("home/src/site")).getParent().getParent();
    Files.writeString(home.resolve("README.md"), "# A\n\n[b](b.md)\n");
    int status = new CommandLine(new Site(home)).execute("--no-javadoc");
    assertThat(status).isEqualTo(CommandLine.ExitCode.SOFTWARE);
    assertThat(home.resolve("target")).doesNotExist();
  }

  private List<Path> pages() throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(file -> file.toString().endsWith(".html")).toList();
    }
  }

  /** Of the Javadoc, which was left out, the source. */
  private boolean isThere(Path target) {
    Path place = folder.relativize(target);
    if (!place.startsWith("apidocs")) {
      return Files.isRegularFile(target);
    }
    String source =
        Path.of("apidocs")
            .relativize(place)
            .toString()
            .replace("package-summary.html", "package-info.java")
            .replace(".html", ".java");
    return source.equals("index.java") || Files.isRegularFile(HOME.resolve(API).resolve(source));
  }
}
