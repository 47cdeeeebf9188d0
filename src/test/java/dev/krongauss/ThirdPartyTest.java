package dev.krongauss;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** THIRD-PARTY.md names every artefact that a user gets, with its version and its licence. */
final class ThirdPartyTest {
  /** {@code (MIT) jcuda (org.jcuda:jcuda:12.6.0 - https://…)}, a line of license-maven-plugin. */
  private static final Pattern FOUND =
      Pattern.compile("^\\s*(\\(.*) \\(([\\w.-]+:[\\w.-]+:[\\w.-]+) - .*\\)$");

  private static final Pattern ROW =
      Pattern.compile("^\\| ([\\w.-]+:[\\w.-]+:\\S+) \\| ([^|]+) \\|.*");

  private static final Path HOME = Path.of(System.getProperty("krongauss.home", ""));

  @Test
  void theTableIsTheListOfDependencies() throws IOException {
    Path generated = HOME.resolve("target/third-party/THIRD-PARTY.txt");
    assertThat(generated).as("mvn generate-test-resources writes it").exists();
    Map<String, String> found = read(generated, FOUND, 2, 1);
    Map<String, String> table = read(HOME.resolve("THIRD-PARTY.md"), ROW, 1, 2);
    assertThat(found).hasSizeGreaterThan(5);
    assertThat(table.keySet()).isEqualTo(found.keySet());
    // Where a description offers several licences, the table has the first.
    table.forEach(
        (artefact, licence) -> assertThat(found.get(artefact)).startsWith("(" + licence + ")"));
  }

  private static Map<String, String> read(Path file, Pattern line, int artefact, int licence)
      throws IOException {
    Map<String, String> read = new TreeMap<>();
    for (String text : Files.readAllLines(file)) {
      Matcher matcher = line.matcher(text);
      if (matcher.matches()) {
        read.put(matcher.group(artefact), matcher.group(licence));
      }
    }
    return read;
  }
}
