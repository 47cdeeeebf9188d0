package dev.krongauss.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run that goes on divides library calls as it was begun: {@code bench/compare} looks it up. */
final class ThreadsOfResumedTest {
  private static final String VARIABLE = "KRONGAUSS_BLAS_THREADS";

  @TempDir private Path folder;

  /** The script, beside a {@code run} that prints what it was given. */
  @BeforeEach
  void copy() throws IOException {
    Path script = folder.resolve("compare");
    Files.copy(Path.of("bench/compare"), script, StandardCopyOption.COPY_ATTRIBUTES);
    Path run =
        Files.writeString(folder.resolve("run"), "#!/bin/sh\necho ${" + VARIABLE + "-unset}");
    assertThat(run.toFile().setExecutable(true)).isTrue();
    Files.createDirectory(folder.resolve("begun"));
    Files.writeString(
        folder.resolve("begun/config.json"),
        "{\n  \"environment\" : {\n    \"variables\" : {\n      \""
            + VARIABLE
            + "\" : \"2\"\n}}}\n");
  }

  @Test
  void thoseOfTheFolderHold() throws IOException {
    String begun = folder.resolve("begun").toString();
    assertThat(threads("", "--resume", begun, "--no-pictures")).isEqualTo("2");
    assertThat(threads("", "--no-pictures", "--resume=" + begun)).isEqualTo("2");
    assertThat(threads("4", "--resume", begun)).as("set by the user").isEqualTo("4");
  }

  @Test
  void withoutAnyTheyAreAsEver() throws IOException {
    assertThat(threads("", "--resume", folder.resolve("none").toString())).isEqualTo("unset");
    assertThat(threads("", "--resume")).isEqualTo("unset");
    assertThat(threads("", "--updates", "3")).isEqualTo("unset");
    assertThat(threads("", "--chunks", "8")).isEqualTo("1");
  }

  private String threads(String set, String... words) throws IOException {
    List<String> command = new ArrayList<>(List.of(folder.resolve("compare").toString()));
    command.addAll(List.of(words));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().remove(VARIABLE);
    if (!set.isEmpty()) {
      builder.environment().put(VARIABLE, set);
    }
    Process process = builder.start();
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
  }
}
