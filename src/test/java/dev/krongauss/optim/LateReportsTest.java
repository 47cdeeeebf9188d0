package dev.krongauss.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krongauss.curvature.Method;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.testing.DeviceBatch;
import dev.krongauss.testing.Problem;
import dev.krongauss.testing.Setups;
import dev.krongauss.testing.TestDevice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** When a report is read changes nothing that it says, and nothing that is done after it. */
final class LateReportsTest {
  /** More than reports have places: the last ones lie where the first ones lay. */
  private static final int UPDATES = 70;

  private static final int MOST_REJECTED = 3;
  private static final Problem.Setup SETUP = Setups.all().get(3);

  /** When reports are read. */
  private enum Reading {
    AT_ONCE,
    ONE_LATE,
    AT_THE_END
  }

  /** The optimisers whose reports are read. */
  private enum Kind {
    KFRA,
    KFLR,
    KFAC,
    EXACT,
    ADAM;

    Optimizer of(Problem problem) {
      return switch (this) {
        case ADAM -> Adam.builder().build(problem.network(), problem.loss());
        case EXACT -> GaussNewton.exact().build(problem.network(), problem.loss());
        default ->
            GaussNewtonTest.builder(Method.valueOf(name()))
                .build(problem.network(), problem.loss());
      };
    }
  }

  /** What reports say, in words and in bits, and the weights that are left. */
  private record Said(List<String> reports, float[][] weights) {}

  @ParameterizedTest
  @EnumSource
  void lateReadingSaysTheSame(Kind kind) {
    Said atOnce = run(kind, Reading.AT_ONCE, 9);
    for (Reading reading : List.of(Reading.ONE_LATE, Reading.AT_THE_END)) {
      same(run(kind, reading, 9), atOnce);
    }
    assertThat(atOnce.reports()).hasSize(UPDATES).doesNotHaveDuplicates();
  }

  /**
   * Inverses of no use are made anew as soon as they are known to be: read late, refreshes apart,
   * in the very same update.
   */
  @Test
  void lateReadingRecoversAsSoon() {
    Said atOnce = run(Kind.KFRA, Reading.AT_ONCE, 0);
    same(run(Kind.KFRA, Reading.ONE_LATE, 0), atOnce);
    assertThat(run(Kind.KFRA, Reading.AT_THE_END, 0).reports())
        .as("reports that nobody reads have nothing done about them")
        .isNotEqualTo(atOnce.reports());
  }

  @ParameterizedTest
  @EnumSource(names = {"KFRA", "ADAM"})
  void aRefreshIsKnownWithoutWaiting(Kind kind) {
    try (Problem problem = SETUP.open(Operations.Mode.KERNELS);
        Optimizer optimizer =
            kind == Kind.ADAM
                ? kind.of(problem)
                : GaussNewton.kfra().refreshEvery(4).build(problem.network(), problem.loss())) {
      for (int k = 0; k < 9; k++) {
        StepReport report = optimizer.step(problem.batch());
        assertThat(report.refreshed()).isEqualTo(kind == Kind.KFRA && k % 4 == 0);
      }
    }
  }

  @Test
  void reportsAreReadInOrderOneLateAndRefreshesAtOnce() {
    List<Long> read = new ArrayList<>();
    List<Integer> behind = new ArrayList<>();
    try (Problem problem = SETUP.open(Operations.Mode.KERNELS);
        GaussNewton optimizer =
            GaussNewton.kfra().refreshEvery(4).build(problem.network(), problem.loss())) {
      LateReports late = new LateReports(report -> read.add(report.update()));
      for (int k = 1; k <= 9; k++) {
        late.add(optimizer.step(problem.batch()));
        behind.add(k - read.size());
        assertThat(late.waiting().isPresent()).isEqualTo(k > read.size());
      }
      late.drain();
      late.drain();
    }
    assertThat(read).containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L);
    assertThat(behind).containsExactly(0, 1, 1, 1, 0, 1, 1, 1, 0);
  }

  @Test
  void aReaderThatThrowsIsNotAskedTwice() {
    try (Problem problem = SETUP.open(Operations.Mode.KERNELS);
        Optimizer optimizer = Kind.ADAM.of(problem)) {
      LateReports late =
          new LateReports(
              report -> {
                throw new IllegalStateException("full");
              });
      late.add(optimizer.step(problem.batch()));
      assertThatThrownBy(late::drain).hasMessage("full");
      late.drain();
      assertThat(late.waiting()).isEmpty();
    }
  }

  /** It throws before the same update whether reports are read or not, and however late. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void tooManyRejectionsAreFoundBeforeTheSameUpdate(boolean read) {
    try (Problem problem = SETUP.open(Operations.Mode.KERNELS);
        DeviceBatch bad = spoilt(problem);
        Optimizer optimizer =
            Adam.builder().mostRejected(MOST_REJECTED).build(problem.network(), problem.loss())) {
      List<StepReport> reports = new ArrayList<>();
      LateReports late = new LateReports(report -> reports.add(report));
      late.add(optimizer.step(problem.batch()));
      float[][] before = problem.network().weights();
      for (int k = 0; k <= MOST_REJECTED; k++) {
        StepReport report = optimizer.step(bad);
        if (read) {
          late.add(report);
        }
      }
      assertThatThrownBy(() -> optimizer.step(problem.batch()))
          .isInstanceOf(DivergenceException.class)
          .hasMessageContaining("4 updates in a row were rejected, the last of them update 5");
      assertThat(problem.network().weights()).isDeepEqualTo(before);
    }
  }

  private static Said run(Kind kind, Reading reading, int spoilt) {
    List<StepReport> reports = new ArrayList<>();
    List<String> said = new ArrayList<>();
    try (Problem problem = SETUP.open(Operations.Mode.KERNELS);
        DeviceBatch bad = spoilt(problem);
        Optimizer optimizer = kind.of(problem)) {
      LateReports late = new LateReports(report -> said.add(text(report)));
      for (int k = 0; k < UPDATES; k++) {
        StepReport report = optimizer.step(k == spoilt ? bad : problem.batch());
        switch (reading) {
          case AT_ONCE -> said.add(text(report));
          case ONE_LATE -> late.add(report);
          case AT_THE_END -> reports.add(report);
        }
      }
      late.drain();
      reports.forEach(report -> said.add(text(report)));
      return new Said(said, problem.network().weights());
    }
  }

  private static String text(StepReport r) {
    return "%s %s %s %s %s %s %s %s"
        .formatted(
            r,
            r.loss(),
            r.objective(),
            Arrays.toString(r.steps()),
            r.lambda(),
            r.reductionRatio(),
            r.exactCurvature(),
            r.rejectedInARow());
  }

  private static void same(Said said, Said wanted) {
    assertThat(said.reports()).isEqualTo(wanted.reports());
    assertThat(said.weights()).isDeepEqualTo(wanted.weights());
  }

  /** The batch with NaN in one input: the update is rejected, and a refresh fails. */
  private static DeviceBatch spoilt(Problem problem) {
    double[][] X = Arrays.stream(problem.X()).map(double[]::clone).toArray(double[][]::new);
    X[X.length / 2][0] = Double.NaN;
    return DeviceBatch.of(TestDevice.get(), X, problem.T());
  }
}
