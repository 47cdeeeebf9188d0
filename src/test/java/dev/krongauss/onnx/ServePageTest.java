package dev.krongauss.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.krongauss.testing.Snippet;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program of the page: from a table to prices by ONNX Runtime. */
final class ServePageTest {
  private static final Path PAGE =
      Path.of(System.getProperty("krongauss.home", ""), "src/site/serve.md");
  private static final Pattern PRICES = Pattern.compile("prices (\\S+), (\\S+), (\\S+)");

  @TempDir private Path folder;

  /** The table's prices are exact; a smooth fit of them is off by little within its range. */
  @Test
  void theProgramGivesThePricesOfTheTable() throws Exception {
    Snippet program = Snippet.of(PAGE).get(0);
    program.compile(folder);
    String output = program.run(folder);
    Matcher prices = PRICES.matcher(output);
    assertThat(prices.find()).as(output).isTrue();
    assertThat(Double.parseDouble(prices.group(1))).isCloseTo(50 * 3000, within(15_000.0));
    assertThat(Double.parseDouble(prices.group(2))).isCloseTo(120 * 5000, within(30_000.0));
    // Without an area it is one of a flat in the north, of 30 to 149 square metres.
    assertThat(Double.parseDouble(prices.group(3))).isBetween(90_000.0, 447_000.0);
  }
}
