package dev.krongauss.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krongauss.curvature.ExactMemory;
import dev.krongauss.curvature.ExactSpace;
import dev.krongauss.device.Device;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.net.Loss;
import dev.krongauss.reference.ReferenceLoss;
import dev.krongauss.reference.ReferenceNetwork;
import dev.krongauss.testing.Problem;
import dev.krongauss.testing.Problem.Setup;
import dev.krongauss.testing.Problem.Unit;
import dev.krongauss.testing.TestDevice;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** How exact updates go on and end: convergence, steps taken back, memory. */
final class ExactGaussNewtonTest {
  /** To which the objective is that of the optimum in double. */
  private static final double OPTIMUM = 1e-8;

  private static final Setup SMALL = new Setup(ReferenceLoss.SQUARED, Unit.TANH, 60, 41, 3, 4, 2);

  static Stream<Setup> converging() {
    return Stream.of(
        SMALL,
        new Setup(ReferenceLoss.SQUARED, Unit.LOGISTIC, 30, 42, 2, 3, 1),
        new Setup(ReferenceLoss.BERNOULLI, Unit.TANH, 80, 43, 4, 3, 2),
        new Setup(ReferenceLoss.SQUARED, Unit.TANH, 400, 46, 2, 4, 1),
        new Setup(ReferenceLoss.SOFTMAX, Unit.SOFTPLUS, 150, 47, 3, 3, 3));
  }

  /** From where the optimiser stopped the double Newton-like steps find nothing more. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("converging")
  void convergesToTheOptimumAndStaysThere(Setup setup) {
    double eta = 1e-3;
    try (Problem problem = setup.open(Operations.Mode.AUTO);
        ExactGaussNewton optimizer =
            GaussNewton.exact().l2(eta).build(problem.network(), problem.loss())) {
      StepReport report = optimizer.step(problem.batch());
      int rejected = 0;
      for (int k = 0; k < 1000 && !report.converged(); k++) {
        rejected = Math.max(rejected, report.rejectedInARow());
        report = optimizer.step(problem.batch());
      }
      assertThat(report.converged()).as("%s", report).isTrue();
      assertThat(report.convergence()).containsAnyOf("gradient", "step", "predicted change");
      assertThat(report.problem()).isEmpty();
      assertThat(report.accepted()).isFalse();
      assertThat(report.rejectedInARow()).isZero();
      assertThat(rejected).isLessThan(20);
      float[][] W = problem.network().weights();
      assertThat(optimizer.step(problem.batch()).converged()).isTrue();
      assertThat(problem.network().weights()).isDeepEqualTo(W);
      double here = objective(problem, problem.reference(), eta);
      double best = polished(problem, eta);
      assertThat((here - best) / best).as("above the optimum %s", best).isBetween(-1e-15, OPTIMUM);
    }
  }

  /** The least objective of some damped steps in double. */
  private static double polished(Problem problem, double eta) {
    ReferenceNetwork at = problem.reference();
    double best = objective(problem, at, eta);
    double lambda = 1e-6;
    for (int k = 0; k < 60; k++) {
      DenseStep dense = DenseStep.of(at, problem, eta);
      ReferenceNetwork next = at.moved(1, dense.shaped(dense.solve(lambda + eta), at));
      double objective = objective(problem, next, eta);
      if (objective < best) {
        best = objective;
        at = next;
        lambda /= 4;
      } else {
        lambda *= 8;
      }
    }
    return best;
  }

  private static double objective(Problem problem, ReferenceNetwork at, double eta) {
    return at.loss(problem.X(), problem.T(), problem.referenceLoss()) + eta / 2 * at.norm2();
  }

  /** With hardly any damping a step leads too far; the weights are those before, and λ grows. */
  @Test
  void aStepThatLeadsUpIsTakenBack() {
    Setup setup = new Setup(ReferenceLoss.SQUARED, Unit.TANH, 9, 44, 2, 8, 8, 1);
    try (Problem problem = setup.open(Operations.Mode.AUTO);
        ExactGaussNewton optimizer =
            GaussNewton.exact().lambda(1e-9).build(problem.network(), problem.loss())) {
      int takenBack = 0;
      double lambda = 1e-9;
      double objective = Double.POSITIVE_INFINITY;
      for (int k = 0; k < 30; k++) {
        float[][] before = problem.network().weights();
        StepReport report = optimizer.step(problem.batch());
        assertThat(report.objective()).isLessThanOrEqualTo(objective * (1 + 1e-6));
        objective = report.objective();
        if (report.problem().contains("taken back")) {
          takenBack++;
          assertThat(problem.network().weights()).isDeepEqualTo(before);
          assertThat(report.lambda()).isGreaterThan(lambda);
        }
        lambda = report.lambda();
      }
      assertThat(takenBack).isPositive();
    }
  }

  @ParameterizedTest
  @CsvSource({"SAMPLE, false", "PARAMETER, false", "SAMPLE, true", "PARAMETER, true"})
  void memoryIsWhatItIsSaidToBe(ExactSpace space, boolean geodesic) {
    for (Operations.Mode mode : Problem.modes()) {
      Setup setup = new Setup(ReferenceLoss.SOFTMAX, Unit.TANH, 70, 45, 9, 17, 12, 3);
      try (Problem problem = setup.open(mode);
          ExactGaussNewton optimizer =
              straightOrBent(geodesic)
                  .space(space)
                  .operations(mode)
                  .build(problem.network(), problem.loss())) {
        optimizer.step(problem.batch());
        long said = ExactGaussNewton.memory(space, setup.sizes(), 70, 3, geodesic);
        assertThat(optimizer.bytes()).isLessThanOrEqualTo(said);
        assertThat(optimizer.bytes()).isGreaterThan((said - (64 << 10)) * 8 / 10);
      }
    }
  }

  private static ExactGaussNewton.Builder straightOrBent(boolean geodesic) {
    return geodesic ? GaussNewton.exact().geodesic() : GaussNewton.exact();
  }

  @Test
  void whatDoesNotFitTheBudgetIsRefusedBeforeAnythingIsAllocated() {
    Device device = TestDevice.get();
    try (Problem problem = SMALL.open(Operations.Mode.AUTO);
        ExactGaussNewton optimizer =
            GaussNewton.exact().budget(20_000).build(problem.network(), problem.loss())) {
      float[][] before = problem.network().weights();
      long held = device.allocatedBytes();
      long said = ExactGaussNewton.memory(ExactSpace.SMALLER, SMALL.sizes(), 60, 2);
      assertThatThrownBy(() -> optimizer.step(problem.batch()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("60 datapoints of 2 residuals and 26 weights")
          .hasMessageContaining(String.format(Locale.ROOT, "%,.1f MiB", said / 1048576.0))
          .hasMessageContaining("parameter space")
          .hasMessageContaining("smaller batch");
      assertThat(device.allocatedBytes()).isEqualTo(held);
      assertThat(problem.network().weights()).isDeepEqualTo(before);
    }
  }

  @Test
  void theSmallerMatrixIsChosen() {
    assertThat(ExactSpace.SMALLER.of(10, 2, 21)).isEqualTo(ExactSpace.SAMPLE);
    assertThat(ExactSpace.SMALLER.of(10, 2, 20)).isEqualTo(ExactSpace.PARAMETER);
    assertThat(ExactSpace.SMALLER.of(1, 33, 1000)).isEqualTo(ExactSpace.SAMPLE);
    assertThat(ExactSpace.SMALLER.of(1, 4001, 1_000_000)).isEqualTo(ExactSpace.PARAMETER);
    assertThat(ExactSpace.SAMPLE.of(1000, 5, 3)).isEqualTo(ExactSpace.SAMPLE);
    long most = ExactMemory.ofOptimizer(ExactSpace.SAMPLE, new int[] {9, 9}, Integer.MAX_VALUE, 9);
    assertThat(most).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void whatCannotBeIsRefused() {
    try (Problem problem = SMALL.open(Operations.Mode.AUTO)) {
      refused(GaussNewton.exact().lambda(0), problem, "lambda 0.0 must be positive");
      refused(
          GaussNewton.exact().marquardt().space(ExactSpace.SAMPLE),
          problem,
          "sample space does not have");
      refused(GaussNewton.exact().l2(-1), problem, "L2 weight -1.0");
      refused(GaussNewton.exact().refinements(-1), problem, "-1 refinements; 0 to 100");
      refused(GaussNewton.exact().refinements(Integer.MAX_VALUE), problem, "2,147,483,647 ref");
      refused(GaussNewton.exact().stepTolerance(-1), problem, "stepTolerance -1.0");
      refused(GaussNewton.exact().budget(0), problem, "a budget of 0 bytes");
      refused(GaussNewton.exact().mostRejected(-1), problem, "-1 tolerated rejections");
    }
  }

  private static void refused(ExactGaussNewton.Builder builder, Problem problem, String message) {
    assertThatThrownBy(() -> builder.build(problem.network(), Loss.squared()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }
}
