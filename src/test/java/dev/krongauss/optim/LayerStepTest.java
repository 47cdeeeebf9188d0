package dev.krongauss.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.krongauss.curvature.Method;
import dev.krongauss.device.Device;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.reference.ReferenceGaussNewton.Settings;
import dev.krongauss.reference.ReferenceLoss;
import dev.krongauss.testing.DeviceBatch;
import dev.krongauss.testing.Problem;
import dev.krongauss.testing.Problem.Setup;
import dev.krongauss.testing.Problem.Unit;
import dev.krongauss.testing.Setups;
import dev.krongauss.testing.TestDevice;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Updates with one step length a layer against the reference. */
final class LayerStepTest {
  private static final double LAMBDA = 0.01f;
  private static final double L2 = 1e-3f;
  private static final double DECAY = 0.6f;
  private static final double AVERAGE_DECAY = 0.625f;

  /** One layer to six, every loss; more datapoints than the step lengths are computed from. */
  private static final List<Setup> SETUPS =
      List.of(
          new Setup(ReferenceLoss.SQUARED, Unit.IDENTITY, 9, 201, 5, 3),
          new Setup(ReferenceLoss.BERNOULLI, Unit.TANH, 70, 202, 6, 5, 4),
          new Setup(ReferenceLoss.SOFTMAX, Unit.TANH, 23, 203, 6, 7, 5, 4),
          new Setup(ReferenceLoss.SQUARED, Unit.LOGISTIC, 131, 204, 4, 5, 3, 5, 2),
          new Setup(ReferenceLoss.BERNOULLI, Unit.SOFTPLUS, 17, 205, 5, 4, 3, 2, 3, 5),
          new Setup(ReferenceLoss.SOFTMAX, Unit.LEAKY_RELU, 1040, 206, 4, 5, 4, 3, 4, 5, 3));

  private final Device device = TestDevice.get();

  static Stream<Arguments> cases() {
    return Setups.inModes(SETUPS)
        .flatMap(c -> Stream.of(Method.values()).map(m -> Arguments.of(c.get()[0], c.get()[1], m)));
  }

  @ParameterizedTest(name = "{0} {1} {2}")
  @MethodSource("cases")
  void updatesAreThoseOfTheReference(Setup setup, Operations.Mode mode, Method method) {
    follow(setup, mode, method, settings(L2, 2, 2), 6);
  }

  @ParameterizedTest(name = "{0} {1} {2}")
  @MethodSource("cases")
  void andWithoutL2(Setup setup, Operations.Mode mode, Method method) {
    follow(setup, mode, method, settings(0, 1, 1), 2);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("dev.krongauss.testing.Setups#modes")
  void theBatchSizeMayChange(Operations.Mode mode) {
    Setup setup = SETUPS.get(2);
    try (Problem problem = setup.open(mode);
        LayerTrajectory trajectory =
            new LayerTrajectory(
                problem, Method.KFRA, settings(L2, 1, 1), builder(Method.KFRA, mode))) {
      int[] sizes = {17, 130, 17, 1, 65};
      for (int k = 0; k < sizes.length; k++) {
        double[][][] drawn = problem.draw(sizes[k], 50 + k);
        try (DeviceBatch batch = DeviceBatch.foreign(device, drawn[0], drawn[1])) {
          trajectory.step(drawn[0], drawn[1], batch);
        }
      }
    }
  }

  /**
   * One layer, all rows, the batch's own gradient: the exact step, divided by 1 + κ, where the
   * common step is that exact step.
   */
  @ParameterizedTest(name = "{0}")
  @MethodSource("dev.krongauss.testing.Setups#modes")
  void ofOneLayerItIsTheOneStepOverOnePlusKappa(Operations.Mode mode) {
    Setup setup = new Setup(ReferenceLoss.SOFTMAX, Unit.TANH, 31, 207, 6, 4);
    try (Problem problem = setup.open(mode);
        Problem twin = setup.open(mode);
        GaussNewton layers = builder(Method.KFLR, mode).build(problem.network(), problem.loss());
        GaussNewton one =
            builder(Method.KFLR, mode)
                .scalarStep()
                .lambda(5e-3)
                .build(twin.network(), twin.loss())) {
      StepReport apart = layers.step(problem.batch());
      StepReport common = one.step(twin.batch());
      // A x (1 + κ p / (a₀ A)), p = −r = a₀ A.
      double wanted = common.alpha() / (1 + apart.kappa());
      assertThat(apart.steps()).hasSize(1);
      assertThat(apart.steps()[0] / wanted).isBetween(1 - 1e-4, 1 + 1e-4);
      assertThat(apart.alpha() / common.alpha()).isBetween(1 - 1e-4, 1 + 1e-4);
      assertThat(common.steps()).containsExactly(common.alpha());
      assertThat(common.kappa()).isNaN();
    }
  }

  /** Hidden units in another order are the same network, and stay so. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("dev.krongauss.testing.Setups#modes")
  void unitsMayStandInAnyOrder(Operations.Mode mode) {
    Setup setup = new Setup(ReferenceLoss.BERNOULLI, Unit.TANH, 90, 208, 6, 5, 4);
    int[] order = {3, 0, 4, 1, 2};
    try (Problem problem = setup.open(mode);
        Problem twin = setup.open(mode);
        GaussNewton first = builder(Method.KFRA, mode).build(problem.network(), problem.loss());
        GaussNewton second = builder(Method.KFRA, mode).build(twin.network(), twin.loss())) {
      twin.network().setWeights(permuted(problem.network().weights(), order));
      for (int k = 0; k < 6; k++) {
        double[] steps = first.step(problem.batch()).steps();
        double[] others = second.step(twin.batch()).steps();
        for (int l = 0; l < steps.length; l++) {
          assertThat(others[l]).isCloseTo(steps[l], within(2e-3 * Math.abs(steps[l]) + 1e-6));
        }
      }
      float[][] wanted = permuted(problem.network().weights(), order);
      float[][] got = twin.network().weights();
      for (int l = 0; l < wanted.length; l++) {
        for (int i = 0; i < wanted[l].length; i++) {
          assertThat(got[l][i]).isCloseTo(wanted[l][i], within(2e-3f));
        }
      }
    }
  }

  private static float[][] permuted(float[][] weights, int[] order) {
    float[][] result = {weights[0].clone(), weights[1].clone()};
    int inputs = weights[0].length / order.length;
    int outputs = weights[1].length / (order.length + 1);
    for (int u = 0; u < order.length; u++) {
      System.arraycopy(weights[0], order[u] * inputs, result[0], u * inputs, inputs);
      for (int o = 0; o < outputs; o++) {
        int row = o * (order.length + 1);
        result[1][row + u] = weights[1][row + order[u]];
      }
    }
    return result;
  }

  private void follow(
      Setup setup, Operations.Mode mode, Method method, Settings settings, int steps) {
    try (Problem problem = setup.open(mode);
        LayerTrajectory trajectory =
            new LayerTrajectory(problem, method, settings, builder(method, mode))) {
      for (int k = 0; k < steps; k++) {
        trajectory.step(problem.X(), problem.T(), problem.batch());
      }
    }
  }

  private static GaussNewton.Builder builder(Method method, Operations.Mode mode) {
    return GaussNewtonTest.builder(method).operations(mode);
  }

  private static Settings settings(double l2, int refreshEvery, int reductionEvery) {
    return new Settings(
        LAMBDA, 0, l2, DECAY, false, true, refreshEvery, reductionEvery, 1, false, AVERAGE_DECAY);
  }
}
