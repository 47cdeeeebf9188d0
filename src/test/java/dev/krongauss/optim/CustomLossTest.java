package dev.krongauss.optim;

import static dev.krongauss.testing.Compare.bound;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krongauss.curvature.Method;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.model.LossFunction;
import dev.krongauss.reference.Algebra;
import dev.krongauss.reference.ReferenceLoss;
import dev.krongauss.testing.Compare;
import dev.krongauss.testing.HostLoss;
import dev.krongauss.testing.Problem;
import dev.krongauss.testing.Problem.Setup;
import dev.krongauss.testing.Problem.Unit;
import dev.krongauss.testing.Setups;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A user's own loss on the host, and what a constant in front of a loss changes: nothing, if λ and
 * η carry it too.
 */
final class CustomLossTest {
  private static final double LAMBDA = 0.0625;
  private static final double L2 = 0.015625;
  private static final int STEPS = 4;

  static Stream<Arguments> cases() {
    return Stream.of(Method.KFRA, Method.KFLR)
        .flatMap(m -> Stream.of(ReferenceLoss.values()).map(loss -> new Object[] {m, loss}))
        .flatMap(c -> Setups.modes().map(mode -> Arguments.of(c[0], c[1], mode)));
  }

  @ParameterizedTest(name = "{0} {1} {2}")
  @MethodSource("cases")
  void onTheHostIsAsBuiltIn(Method method, ReferenceLoss loss, Operations.Mode mode) {
    compare(method, setup(loss), mode, 1);
  }

  @ParameterizedTest(name = "{0} {1} {2}")
  @MethodSource("cases")
  void aConstantFactorChangesNothing(Method method, ReferenceLoss loss, Operations.Mode mode) {
    compare(method, setup(loss), mode, 16);
  }

  @Test
  void kfacNeedsSampledTargets() {
    try (Problem problem = setup(ReferenceLoss.SQUARED).open(Operations.Mode.AUTO)) {
      HostLoss loss = new HostLoss(ReferenceLoss.SQUARED, 1);
      assertThatThrownBy(() -> GaussNewton.kfac().build(problem.network(), loss))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(loss.name())
          .hasMessageContaining("KFLR or KFRA");
    }
  }

  private static Setup setup(ReferenceLoss loss) {
    return new Setup(loss, Unit.TANH, 23, 41, 5, 7, 3);
  }

  /**
   * Follows two runs from the same start. Rounding differs from the first operation on and grows
   * from step to step; with λ = 1/16 an update of factor κ ≈ 100 loses two digits, and four of them
   * may add up.
   */
  private static void compare(Method method, Setup setup, Operations.Mode mode, double factor) {
    try (Problem one = setup.open(mode);
        Problem other = setup.open(mode);
        GaussNewton builtIn = optimizer(method, mode, one, one.loss(), 1);
        GaussNewton host =
            optimizer(method, mode, other, new HostLoss(setup.loss(), factor), factor)) {
      for (int k = 1; k <= STEPS; k++) {
        StepReport wanted = builtIn.step(one.batch());
        StepReport got = host.step(other.batch());
        double relative = bound(100.0 * k, setup.path(), 1);
        Compare.scalar(
            "loss",
            setup.seed(),
            factor * wanted.loss(),
            got.loss(),
            relative * factor * wanted.loss());
        Compare.scalar(
            "alpha", setup.seed(), wanted.alpha(), got.alpha(), relative * wanted.alpha());
        Compare.scalar(
            "lambda",
            setup.seed(),
            factor * wanted.lambda(),
            got.lambda(),
            relative * got.lambda());
      }
      float[][] wanted = one.network().weights();
      float[][] got = other.network().weights();
      for (int l = 0; l < got.length; l++) {
        int rows = setup.sizes()[l + 1];
        double[][] W = Algebra.matrix(wanted[l], rows, setup.sizes()[l] + 1);
        Compare.matrix(
            "W" + l,
            setup.seed(),
            W,
            got[l],
            bound(100.0 * STEPS, setup.path(), Algebra.largest(W)));
      }
    }
  }

  private static GaussNewton optimizer(
      Method method, Operations.Mode mode, Problem problem, LossFunction loss, double factor) {
    return GaussNewtonTest.builder(method)
        .operations(mode)
        .lambda(factor * LAMBDA)
        .l2(factor * L2)
        .refreshEvery(2)
        .reductionEvery(2)
        .build(problem.network(), loss);
  }
}
