package dev.krongauss.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.krongauss.bench.problem.Contender;
import dev.krongauss.bench.problem.OptimizerKind;
import dev.krongauss.bench.run.GridResult;
import dev.krongauss.bench.run.GridSetting;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The grid of the paper and how its results are told. */
final class GridTest {
  @Test
  void eightRatesTimesFiveHalvingsAndTheDefault() {
    List<GridSetting> settings = Grid.settings(OptimizerKind.ADAM);
    assertThat(settings).hasSize(41).doesNotHaveDuplicates();
    assertThat(settings.get(0).contender(300)).isEqualTo(Contender.of(OptimizerKind.ADAM));
    assertThat(settings.stream().map(s -> s.contender(300).label()))
        .contains("adam:rate=2^-6:halve=300", "adam:rate=2^-13:halve=19");
  }

  /** As many as Adam's, where its own useful rates are. */
  @Test
  void muonsRatesAreGreater() {
    List<GridSetting> settings = Grid.settings(OptimizerKind.MUON);
    assertThat(settings).hasSameSizeAs(Grid.settings(OptimizerKind.ADAM)).doesNotHaveDuplicates();
    assertThat(settings.get(0).contender(300)).isEqualTo(Contender.of(OptimizerKind.MUON));
    assertThat(settings.stream().map(s -> s.contender(300).label()))
        .contains("muon:rate=2^0:halve=300", "muon:rate=2^-7:halve=19");
  }

  @Test
  void whatDivergedIsRankedLast() {
    List<GridResult> ranked = Grid.ranked(results(), OptimizerKind.ADAM);
    assertThat(ranked.get(0).objective()).isEqualTo(1);
    assertThat(ranked.get(40).objective()).isNaN();
    assertThat(Grid.meanOfBest(ranked, 10).orElseThrow()).isCloseTo(5.5, within(1e-12));
    assertThat(Grid.meanOfBest(ranked, 41)).isEmpty();
    assertThat(Grid.ofDefault(ranked)).isEqualTo(40);
    assertThat(Grid.sentences(results()))
        .singleElement()
        .asString()
        .contains("41 settings of 300 updates each: default 40.00, best 1.00", "1 diverged");
  }

  @Test
  void theTableHasARowARate() {
    List<List<String>> rows = Grid.tables(results()).get(OptimizerKind.ADAM);
    assertThat(rows).hasSize(9).allSatisfy(row -> assertThat(row).hasSize(7));
    assertThat(rows.get(0).get(0)).isEqualTo("2^-6");
    assertThat(rows.stream().filter(row -> row.get(0).equals("0.001")).findFirst().orElseThrow())
        .containsExactly("0.001", "40.00", "-", "-", "-", "-", "-");
  }

  /** Objectives 40, 39, ..., 1 in the order of the settings, and a last one that diverged. */
  private static List<GridResult> results() {
    List<GridResult> results = new ArrayList<>();
    for (GridSetting setting : Grid.settings(OptimizerKind.ADAM)) {
      int left = 40 - results.size();
      results.add(
          left == 0
              ? new GridResult(setting, 12, Double.NaN, "after 12 updates: diverged")
              : new GridResult(setting, 300, left, null));
    }
    return results;
  }
}
