package dev.krongauss.bench.analyse;

import static org.assertj.core.api.Assertions.assertThat;

import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.NamedCsvRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code bench/analyse --quick}: its page is whole, and what it measured is what the paper states.
 */
class AnalyseTest {
  @TempDir private static Path folder;

  @BeforeAll
  static void run() {
    Path out = folder.resolve("page");
    assertThat(Analyse.commandLine().execute("--quick", "--out", out.toString())).isZero();
  }

  @Test
  void thePageShowsEveryPictureAndLinksEveryFile() throws IOException {
    String page = Files.readString(folder.resolve("page").resolve(Sheet.PAGE));
    try (Stream<Path> files = Files.list(folder.resolve("page"))) {
      for (Path file : files.toList()) {
        String name = file.getFileName().toString();
        if (name.endsWith(".csv")) {
          assertThat(page).contains("href=\"" + name + "\"");
        }
      }
    }
    assertThat(page.split("<svg", -1)).hasSizeGreaterThanOrEqualTo(7);
    assertThat(page).endsWith("</html>\n").contains("bench/analyse --quick");
  }

  @Test
  void aFolderThatIsNotEmptyIsNotWrittenTo() {
    Path out = folder.resolve("page");
    assertThat(Analyse.commandLine().execute("--quick", "--out", out.toString())).isEqualTo(2);
  }

  @Test
  void hessianAndGaussNewtonAgreeForPiecewiseLinearTransferOnly() throws IOException {
    assertThat(rows("exact-blocks.csv")).hasSize(6);
    for (NamedCsvRecord row : rows("exact-blocks.csv")) {
      boolean linear = row.getField(0).matches("identity|.*relu.*");
      double difference = Double.parseDouble(row.getField(1));
      if (linear) {
        assertThat(difference).as(row.toString()).isLessThan(1e-5);
        assertThat(Double.parseDouble(row.getField(2))).isGreaterThan(-1e-5);
      } else {
        assertThat(difference).as(row.toString()).isGreaterThan(0.05);
      }
      assertThat(Double.parseDouble(row.getField(3))).isGreaterThan(-1e-5);
    }
  }

  @Test
  void exactBlocksStepAtLeastOneByTheNumberOfLayers() throws IOException {
    assertThat(rows("step-sizes.csv")).hasSize(5);
    for (NamedCsvRecord row : rows("step-sizes.csv")) {
      assertThat(Double.parseDouble(row.getField(2)))
          .isGreaterThanOrEqualTo(0.999 * Double.parseDouble(row.getField(1)));
    }
  }

  @Test
  void theFisherIsTheCurvatureExceptForTheMixturesDefault() throws IOException {
    assertThat(rows("fisher.csv"))
        .extracting(row -> row.getField(0))
        .containsExactly("squared", "bernoulli", "softmax", "mixture (outcome)", "mixture (logit)");
    for (NamedCsvRecord row : rows("fisher.csv")) {
      double difference = Double.parseDouble(row.getField(1));
      if (row.getField(0).equals("mixture (outcome)")) {
        assertThat(difference).isGreaterThan(1e-3);
      } else {
        assertThat(difference).as(row.toString()).isLessThan(1e-5);
      }
    }
  }

  @Test
  void ranksAreWithinTheirBounds() throws IOException {
    assertThat(rows("ranks.csv")).hasSize(4); // 1, 2, 4, 8 datapoints
    for (NamedCsvRecord row : rows("ranks.csv")) {
      int exact = Integer.parseInt(row.getField(1));
      assertThat(exact).isPositive().isLessThanOrEqualTo(Integer.parseInt(row.getField(2)));
      assertThat(Integer.parseInt(row.getField(3)))
          .isGreaterThanOrEqualTo(exact)
          .isLessThanOrEqualTo(Integer.parseInt(row.getField(4)));
    }
  }

  @Test
  void theExactStepIsTheBest() throws IOException {
    List<NamedCsvRecord> rows = rows("alignment.csv");
    assertThat(rows).hasSize(15); // updates 1, 2, 4; five methods
    for (NamedCsvRecord row : rows) {
      assertThat(Double.parseDouble(row.getField("decrease"))).isBetween(0.0, 1.001);
      assertThat(Double.parseDouble(row.getField("cosine"))).isBetween(0.0, 1.0);
    }
    for (int update : new int[] {1, 2, 4}) {
      assertThat(cosine(rows, update, "KFRA")).isGreaterThan(cosine(rows, update, "SGD"));
      assertThat(cosine(rows, update, "KFRA")).isGreaterThan(cosine(rows, update, "Adam"));
    }
  }

  private static double cosine(List<NamedCsvRecord> rows, int update, String method) {
    return rows.stream()
        .filter(r -> r.getField("update").equals(Integer.toString(update)))
        .filter(r -> r.getField("method").equals(method))
        .mapToDouble(r -> Double.parseDouble(r.getField("cosine")))
        .findFirst()
        .orElseThrow();
  }

  private static List<NamedCsvRecord> rows(String file) throws IOException {
    try (CsvReader<NamedCsvRecord> csv =
        CsvReader.builder().ofNamedCsvRecord(folder.resolve("page").resolve(file))) {
      return csv.stream().toList();
    }
  }
}
