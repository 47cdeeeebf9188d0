package dev.krongauss.bench.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.bench.page.Curve;
import dev.krongauss.bench.page.HeldOut;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The table at the end of a run. */
final class SummaryTableTest {
  @Test
  void aDivergedObjectiveFitsItsColumn() {
    assertThat(SummaryTable.format("%.3f", 65.9)).isEqualTo("65.900");
    assertThat(SummaryTable.format("%.3f", 3.1e33)).isEqualTo("3.10e+33");
    assertThat(SummaryTable.format("%.3f", Double.NaN)).isEqualTo("-");
  }

  @Test
  void withoutEvaluatedWeightsTheirColumnsAreLeftOut() {
    List<Curve> curves = List.of(curve("kfra", 1, 4));
    assertThat(SummaryTable.headings(curves))
        .containsExactly("optimizer", "updates", "seconds", "ms/update", "objective", "best");
    assertThat(SummaryTable.rows(curves))
        .containsExactly(List.of("kfra", "1", "0.5", "500.0", "4.000", "-"));
    assertThat(SummaryTable.explanation(curves)).doesNotContain("fixed rows");
  }

  @Test
  void evaluatedWeightsAreMeansOfTheSeeds() {
    Curve first = curve("kfra", 1, 4);
    Curve second = curve("kfra", 2, 8);
    Curve adam = curve("adam", 1, 6);
    Curve more = curve("adam", 2, 6);
    first.evaluated(3.5, 3.25);
    second.evaluated(7.5, 7.25);
    adam.evaluated(5.5, Double.NaN);
    more.evaluated(5.5, Double.NaN);
    List<Curve> curves = List.of(first, second, adam, more);
    assertThat(SummaryTable.headings(curves)).endsWith("evaluated", "averaged", "objectives");
    assertThat(SummaryTable.rows(curves))
        .containsExactly(
            List.of("kfra", "1", "0.5", "500.0", "6.000", "-", "5.500", "5.250", "4.000..8.000"),
            List.of("adam", "1", "0.5", "500.0", "6.000", "-", "5.500", "-", "6.000..6.000"));
    String[] lines = SummaryTable.text(curves).split("\n");
    assertThat(lines[0]).contains("   evaluated    averaged").hasSameSizeAs(lines[1]);
    assertThat(lines[2]).contains("       5.500           -").hasSameSizeAs(lines[0]);
    assertThat(lines[3])
        .contains("evaluated: mean loss of the last weights on fixed rows")
        .contains("averaged: that of their average");
  }

  @Test
  void theBestOnHeldOutRowsHasColumnsForWhatThereIs() {
    Curve kfra = curve("kfra", 1, 4);
    Curve adam = curve("adam", 1, 6);
    double none = Double.NaN;
    kfra.add(new HeldOut(1, 0.5, false, 3, 250.25, 0.5, none, none, none));
    kfra.add(new HeldOut(2, 0.75, true, 2, 125.5, 0.75, none, none, none));
    List<Curve> curves = List.of(kfra, adam);
    assertThat(SummaryTable.headings(curves)).endsWith("best", "held-out", "after s", "RMSE", "R2");
    assertThat(SummaryTable.rows(curves))
        .containsExactly(
            List.of("kfra", "1", "0.5", "500.0", "4.000", "-", "2.0000", "0.8", "125.50", "0.7500"),
            List.of("adam", "1", "0.5", "500.0", "6.000", "-", "-", "-", "-", "-"));
    assertThat(SummaryTable.explanation(curves))
        .endsWith("when it was there, and what those weights score");
  }

  private static Curve curve(String label, long seed, double objective) {
    Curve curve = new Curve(label, seed);
    curve.add(0.5, objective);
    return curve;
  }
}
