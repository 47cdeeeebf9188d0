package dev.krongauss.bench.run;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The table at the end of a run. */
final class SummaryTableTest {
  @Test
  void aDivergedObjectiveFitsItsColumn() {
    assertThat(SummaryTable.format("%.3f", 65.9)).isEqualTo("65.900");
    assertThat(SummaryTable.format("%.3f", 3.1e33)).isEqualTo("3.10e+33");
    assertThat(SummaryTable.format("%.3f", Double.NaN)).isEqualTo("-");
  }
}
