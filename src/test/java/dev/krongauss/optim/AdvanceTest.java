package dev.krongauss.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.testing.Problem;
import dev.krongauss.testing.Setups;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Updates without a report of their own are those with one, and the last one has one too. */
final class AdvanceTest {
  /** Reports come round in their ring of 32. */
  private static final int STEPS = 36;

  private static final Operations.Mode MODE = Operations.Mode.KERNELS;

  @ParameterizedTest
  @EnumSource(names = {"KFRA", "KFRA_OPTIONS", "KFLR_LADDER", "AUTO", "ADAM"})
  void updatesAndReportsAreThoseOfSteps(ReplayedKind kind) {
    List<String> wanted = new ArrayList<>();
    float[][] weights;
    try (Problem problem = Setups.all().get(2).open(MODE);
        Optimizer optimizer = kind.build(problem.network(), problem.loss(), MODE)) {
      for (int k = 0; k < STEPS; k++) {
        StepReport report = optimizer.step(problem.batch());
        assertThat(optimizer.lastReport()).isSameAs(report);
        wanted.add(k % 3 == 0 ? report + " " + report.refreshed() : "");
      }
      weights = problem.network().weights();
    }
    try (Problem problem = Setups.all().get(2).open(MODE);
        Optimizer optimizer = kind.build(problem.network(), problem.loss(), MODE)) {
      for (int k = 0; k < STEPS; k++) {
        optimizer.advance(problem.batch());
        if (k % 3 == 0) {
          StepReport report = optimizer.lastReport();
          assertThat(report + " " + report.refreshed()).isEqualTo(wanted.get(k));
        }
      }
      assertThat(problem.network().weights()).isDeepEqualTo(weights);
    }
  }

  @Test
  void aReportMayBeKept() {
    List<StepReport> kept = new ArrayList<>();
    try (Problem problem = Setups.all().get(2).open(MODE);
        Optimizer optimizer = ReplayedKind.KFRA.build(problem.network(), problem.loss(), MODE)) {
      for (int k = 0; k < 2 * STEPS; k++) {
        optimizer.advance(problem.batch());
        if (k % 2 == 0) {
          kept.add(optimizer.lastReport());
        }
      }
      kept.add(optimizer.step(problem.batch()));
    }
    for (int k = 0; k < STEPS; k++) {
      assertThat(kept.get(k).update()).isEqualTo(2 * k + 1);
    }
    assertThat(kept.get(STEPS).update()).isEqualTo(2 * STEPS + 1);
  }

  @ParameterizedTest
  @EnumSource(names = {"KFRA", "ADAM", "AUTO"})
  void thereIsNoReportBeforeAnUpdateAndNoneBehindTheEnd(ReplayedKind kind) {
    try (Problem problem = Setups.all().get(2).open(MODE)) {
      Optimizer optimizer = kind.build(problem.network(), problem.loss(), MODE);
      assertThatThrownBy(optimizer::lastReport)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("no update");
      optimizer.advance(problem.batch());
      optimizer.close();
      assertThatThrownBy(optimizer::lastReport)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("closed");
      assertThatThrownBy(() -> optimizer.advance(problem.batch()))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("closed");
    }
  }

  @Test
  void theExactStepAdvancesToo() {
    float[][] weights = null;
    for (boolean advance : new boolean[] {false, true}) {
      try (Problem problem = Setups.all().get(2).open(MODE);
          Optimizer optimizer =
              GaussNewton.exact().operations(MODE).build(problem.network(), problem.loss())) {
        for (int k = 0; k < 5; k++) {
          if (advance) {
            optimizer.advance(problem.batch());
          } else {
            optimizer.step(problem.batch());
          }
        }
        assertThat(optimizer.lastReport().update()).isEqualTo(5);
        if (advance) {
          assertThat(problem.network().weights()).isDeepEqualTo(weights);
        }
        weights = problem.network().weights();
      }
    }
  }
}
