package dev.krongauss.optim;

import static dev.krongauss.testing.Compare.bound;
import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.curvature.Method;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.reference.Algebra;
import dev.krongauss.reference.ReferenceCurvature;
import dev.krongauss.reference.ReferenceLoss;
import dev.krongauss.reference.ReferenceNetwork;
import dev.krongauss.testing.Compare;
import dev.krongauss.testing.Problem;
import dev.krongauss.testing.Problem.Setup;
import dev.krongauss.testing.Problem.Unit;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Linear least squares, where Q ⊗ G is the Hessian: one undamped step is the whole way. */
final class QuadraticTest {
  private static final double GAMMA = 1e-6;
  private static final double LAMBDA = 1e-12;

  static Stream<Arguments> cases() {
    return Stream.of(Method.KFRA, Method.KFLR)
        .flatMap(method -> Problem.modes().stream().map(mode -> Arguments.of(method, mode)));
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("cases")
  void oneStepReachesTheOptimum(Method method, Operations.Mode mode) {
    Setup setup = new Setup(ReferenceLoss.SQUARED, Unit.IDENTITY, 101, 31, 7, 3);
    try (Problem problem = setup.open(mode);
        GaussNewton optimizer = undamped(method, mode).build(problem.network(), problem.loss())) {
      ReferenceNetwork start = problem.reference();
      double[][] Q = new ReferenceCurvature(start, problem.X(), ReferenceLoss.SQUARED).Q(0);
      // Normal equations: the gradient is linear in W with Hessian I ⊗ Q.
      double[][] gradient = start.gradient(problem.X(), problem.T(), ReferenceLoss.SQUARED)[0];
      double[][] wanted =
          Algebra.combine(
              1, start.weights()[0], -1, Algebra.multiply(gradient, Algebra.inverse(Q)));
      StepReport report = optimizer.step(problem.batch());
      double distance = Algebra.largest(Algebra.combine(1, wanted, -1, start.weights()[0]));
      double damping = 4 * GAMMA * Algebra.rowSumNorm(Algebra.inverse(Q));
      double bound = bound(4, setup.path(), Algebra.condition(Q) * distance) + damping * distance;
      Compare.matrix(
          "W after one step", setup.seed(), wanted, problem.network().weights()[0], bound);
      Compare.scalar(
          "alpha",
          setup.seed(),
          1,
          report.alpha(),
          bound(4, setup.path(), Algebra.condition(Q)) + damping);
      assertThat(optimizer.step(problem.batch()).objective()).isLessThan(report.objective());
    }
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("cases")
  void theReductionRatioIsOne(Method method, Operations.Mode mode) {
    // Damped factors shorten and turn the step; the quadratic along it stays exact, with L2 as
    // well.
    Setup setup = new Setup(ReferenceLoss.SQUARED, Unit.IDENTITY, 101, 32, 7, 3);
    try (Problem problem = setup.open(mode);
        GaussNewton optimizer =
            undamped(method, mode).gamma(0.3).l2(0.125).build(problem.network(), problem.loss())) {
      for (int k = 0; k < 2; k++) {
        StepReport report = optimizer.step(problem.batch());
        // The difference of two objectives against M.
        double bound = bound(2, setup.path(), report.objective() / -report.predictedChange());
        Compare.scalar("ratio", setup.seed(), 1, report.reductionRatio(), bound);
      }
    }
  }

  private static GaussNewton.Builder undamped(Method method, Operations.Mode mode) {
    return GaussNewtonTest.builder(method)
        .scalarStep()
        .operations(mode)
        .lambda(LAMBDA)
        .gamma(GAMMA)
        .l2(0)
        .refreshEvery(1)
        .reductionEvery(1);
  }
}
