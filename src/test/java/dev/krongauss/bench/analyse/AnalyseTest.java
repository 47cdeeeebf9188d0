package dev.krongauss.bench.analyse;

import static org.assertj.core.api.Assertions.assertThat;

import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.NamedCsvRecord;
import dev.krongauss.curvature.ExactSystem;
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
  private static final String LARGE = "196-60-30-8-30-60-196";
  private static final String SMALL = "49-15-8-3-8-15-49";

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
    assertThat(page.split("<svg", -1)).hasSizeGreaterThanOrEqualTo(11);
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
    assertThat(rows).hasSize(36); // two networks; updates 1, 2, 4; six methods
    for (NamedCsvRecord row : rows) {
      assertThat(number(row, "decrease")).isBetween(0.0, 1.001);
      assertThat(number(row, "cosine")).isBetween(0.0, 1.0);
      assertThat(number(row, "before")).isPositive();
      assertThat(number(row, "after")).isPositive();
    }
    for (String network : List.of(LARGE, SMALL)) {
      for (int update : new int[] {1, 2, 4}) {
        double kfra = cosine(rows, network, update, "KFRA");
        assertThat(kfra).isGreaterThan(cosine(rows, network, update, "SGD"));
        assertThat(kfra).isGreaterThan(cosine(rows, network, update, "Adam"));
      }
    }
  }

  /** α* = 1 says that the step solves its system along itself. */
  @Test
  void theExactLineIsItsOwnMeasure() throws IOException {
    List<NamedCsvRecord> exact =
        rows("alignment.csv").stream().filter(r -> r.getField("method").equals("EXACT")).toList();
    assertThat(exact).hasSize(6);
    for (NamedCsvRecord row : exact) {
      assertThat(number(row, "cosine")).isEqualTo(1);
      assertThat(number(row, "decrease")).isEqualTo(1);
      assertThat(number(row, "alpha")).isBetween(0.999, 1.001);
    }
    assertThat(number(exact.get(0), "after")).isLessThan(number(exact.get(0), "before"));
  }

  @Test
  void bothSolversAgreeWhereBothAreRun() throws IOException {
    List<NamedCsvRecord> rows = rows("exact-step.csv");
    assertThat(rows).hasSize(6);
    for (NamedCsvRecord row : rows) {
      assertThat(number(row, "cg_error")).isLessThanOrEqualTo(ConjugateGradients.TOLERANCE);
      if (row.getField("network").equals(SMALL)) {
        assertThat(row.getField("by")).isEqualTo("factorised");
        assertThat(number(row, "rows")).isEqualTo(1856);
        assertThat(number(row, "error")).isLessThan(2 * ExactSystem.TOLERANCE);
        assertThat(number(row, "difference")).isLessThan(1e-4);
      } else {
        assertThat(row.getField("by")).isEqualTo("conjugate gradients");
        assertThat(number(row, "rows")).isEqualTo(27984);
        assertThat(row.getField("difference")).isEmpty();
      }
    }
    assertThat(Files.readString(folder.resolve("page").resolve(Sheet.PAGE)))
        .contains("by conjugate gradients.", "from the factorised matrix;", "1,024 MiB");
  }

  @Test
  void aNegativeBudgetIsRefused() {
    Path out = folder.resolve("none");
    int code =
        Analyse.commandLine().execute("--quick", "--exact-budget", "-1", "--out", out.toString());
    assertThat(code).isEqualTo(2);
    assertThat(out).doesNotExist();
  }

  private static double number(NamedCsvRecord row, String column) {
    return Double.parseDouble(row.getField(column));
  }

  private static double cosine(
      List<NamedCsvRecord> rows, String network, int update, String method) {
    return rows.stream()
        .filter(r -> r.getField("network").equals(network))
        .filter(r -> r.getField("update").equals(Integer.toString(update)))
        .filter(r -> r.getField("method").equals(method))
        .mapToDouble(r -> number(r, "cosine"))
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
