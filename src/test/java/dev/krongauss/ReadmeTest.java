package dev.krongauss;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.testing.Snippet;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The trainer of README.md, as it is printed there, compiles and trains. */
final class ReadmeTest {
  private static final Pattern OBJECTIVE = Pattern.compile("objective ([-+.e\\d]+)");
  private static final Path README = Path.of(System.getProperty("krongauss.home", ""), "README.md");
  private static final int MOST_LINES = 150;

  @TempDir private Path folder;

  @Test
  void theTrainerCompilesAndTrains() throws Exception {
    Snippet trainer = Snippet.of(README).get(0);
    trainer.compile(folder);
    String output = trainer.run(folder);
    List<Double> objectives =
        OBJECTIVE.matcher(output).results().map(r -> Double.valueOf(r.group(1))).toList();
    assertThat(objectives).as(output).hasSizeGreaterThan(1);
    assertThat(objectives.get(objectives.size() - 1))
        .as(output)
        .isLessThan(0.8 * objectives.get(0));
    assertThat(output).doesNotContain("rejected");
  }

  @Test
  void itIsAFirstPageAndNotABook() throws Exception {
    assertThat(Files.readAllLines(README)).hasSizeLessThanOrEqualTo(MOST_LINES);
  }
}
