package dev.krongauss.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.krongauss.curvature.ExactSpace;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.net.Activation;
import dev.krongauss.net.Loss;
import dev.krongauss.net.Network;
import dev.krongauss.reference.ReferenceLoss;
import dev.krongauss.reference.ReferenceNetwork;
import dev.krongauss.testing.DeviceBatch;
import dev.krongauss.testing.Problem;
import dev.krongauss.testing.Problem.Setup;
import dev.krongauss.testing.Problem.Unit;
import dev.krongauss.testing.TestDevice;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The geodesic acceleration: what it is, where it is added, and that it saves updates. */
final class ExactGeodesicTest {
  /** Of differences of outputs in double, squared. */
  private static final double DIFFERENCE = 1e-4;

  static Stream<Arguments> steps() {
    return Stream.of(Unit.TANH, Unit.LOGISTIC, Unit.SOFTPLUS)
        .flatMap(
            unit ->
                Stream.of(1.0, 1e-3)
                    .flatMap(
                        lambda ->
                            Stream.of(ExactSpace.SAMPLE, ExactSpace.PARAMETER)
                                .map(space -> Arguments.of(unit, lambda, space))));
  }

  /** Δ + ½ a, with h'' by differences in double, where a is short beside Δ; else Δ. */
  @ParameterizedTest(name = "{0} lambda {1} {2}")
  @MethodSource("steps")
  void theStepIsBentByTheSecondDerivative(Unit unit, double lambda, ExactSpace space) {
    Setup setup = new Setup(ReferenceLoss.SQUARED, unit, 17, 90, 3, 5, 4, 2);
    try (Problem problem = setup.open(Operations.Mode.AUTO);
        ExactGaussNewton optimizer =
            GaussNewton.exact()
                .geodesic()
                .lambda(lambda)
                .space(space)
                .build(problem.network(), problem.loss())) {
      ReferenceNetwork at = problem.reference();
      DenseStep dense = DenseStep.of(at, problem, 0);
      double[] straight = dense.solve(lambda);
      double[] a =
          dense.solve(DenseStep.back(at, problem.X(), bend(at, problem, dense, straight)), lambda);
      double ratio = 2 * length(a) / length(straight);
      StepReport report = optimizer.step(problem.batch());
      assertThat(report.bending()).isCloseTo(ratio, within(1e-3 * ratio));
      double[] wanted = straight.clone();
      for (int i = 0; ratio <= 0.75 && i < a.length; i++) {
        wanted[i] += a[i] / 2;
      }
      double[] difference = DenseStep.flat(optimizer.direction());
      for (int i = 0; i < a.length; i++) {
        difference[i] -= wanted[i];
      }
      assertThat(dense.norm(difference, lambda))
          .isLessThan(1e-5 * dense.norm(straight, lambda) + 2e-3 * dense.norm(a, lambda));
      assertThat(report.bent()).isEqualTo(ratio <= 0.75);
    }
  }

  private static double length(double[] x) {
    return Math.sqrt(Arrays.stream(x).map(v -> v * v).sum());
  }

  /** d²h/dt² along a direction, [N][d_L]. */
  private static double[][] bend(
      ReferenceNetwork at, Problem problem, DenseStep dense, double[] along) {
    ReferenceNetwork ahead = at.moved(DIFFERENCE, dense.shaped(along, at));
    ReferenceNetwork behind = at.moved(-DIFFERENCE, dense.shaped(along, at));
    double[][] bends = new double[problem.X().length][];
    for (int n = 0; n < bends.length; n++) {
      double[] x = problem.X()[n];
      double[] here = at.forward(x).output();
      double[] before = behind.forward(x).output();
      double[] after = ahead.forward(x).output();
      bends[n] = new double[here.length];
      for (int o = 0; o < here.length; o++) {
        bends[n][o] = (after[o] - 2 * here[o] + before[o]) / (DIFFERENCE * DIFFERENCE);
      }
    }
    return bends;
  }

  /** A network without hidden layers has no second derivative: not a bit changes. */
  @Test
  void aLinearModelIsNotBent() {
    Setup setup = new Setup(ReferenceLoss.SQUARED, Unit.IDENTITY, 20, 91, 4, 2);
    float[][][] weights = new float[2][][];
    for (int k = 0; k < 2; k++) {
      ExactGaussNewton.Builder builder = GaussNewton.exact();
      builder = k == 0 ? builder : builder.geodesic();
      try (Problem problem = setup.open(Operations.Mode.AUTO);
          ExactGaussNewton optimizer = builder.build(problem.network(), problem.loss())) {
        StepReport report = optimizer.step(problem.batch());
        assertThat(Double.compare(report.bending(), k == 0 ? Double.NaN : 0)).isZero();
        weights[k] = problem.network().weights();
      }
    }
    assertThat(weights[1]).isDeepEqualTo(weights[0]);
  }

  @Test
  void kinksAreRefusedByName() {
    for (Activation kinked : List.of(Activation.RELU, Activation.leakyRelu(0.1f))) {
      try (Network network =
          Network.input(2)
              .dense(3, Activation.TANH)
              .dense(3, kinked)
              .dense(1, Activation.IDENTITY)
              .build(TestDevice.get(), 1)) {
        assertThatThrownBy(() -> GaussNewton.exact().geodesic().build(network, Loss.squared()))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("layer 2 is " + kinked.name())
            .hasMessageContaining("tanh");
      }
    }
  }

  /** Curves that a network of the same kind drew: valleys whose floor is 0. */
  @Test
  void itSavesUpdatesInCurvedValleys() {
    int straight = 0;
    int bent = 0;
    for (int seed = 0; seed < 8; seed++) {
      straight += updates(seed, false);
      bent += updates(seed, true);
    }
    assertThat(bent).isLessThan(straight * 9 / 10);
  }

  /** Updates until the mean loss is 1e-7 of the targets' mean square; 300 if it never is. */
  private static int updates(int seed, boolean geodesic) {
    SplittableRandom random = new SplittableRandom(seed);
    Setup drawn = new Setup(ReferenceLoss.SQUARED, Unit.TANH, 40, 700 + seed, 1, 3, 1);
    try (Problem problem = drawn.open(Operations.Mode.AUTO)) {
      ReferenceNetwork truth = problem.reference();
      double[][] X = problem.X();
      double[][] T = new double[X.length][];
      double square = 0;
      for (int n = 0; n < X.length; n++) {
        T[n] = truth.forward(X[n]).output().clone();
        T[n][0] = (float) T[n][0];
        square += T[n][0] * T[n][0] / X.length;
      }
      float[][] W = problem.network().weights();
      for (float[] layer : W) {
        for (int i = 0; i < layer.length; i++) {
          layer[i] = (float) (2 * random.nextDouble() - 1);
        }
      }
      problem.network().setWeights(W);
      ExactGaussNewton.Builder builder = GaussNewton.exact().lambda(1e-3);
      builder = geodesic ? builder.geodesic() : builder;
      try (DeviceBatch batch = DeviceBatch.of(TestDevice.get(), X, T);
          ExactGaussNewton optimizer = builder.build(problem.network(), problem.loss())) {
        for (int k = 1; k < 300; k++) {
          StepReport report = optimizer.step(batch);
          if (report.loss() < 1e-7 * square) {
            return k;
          }
        }
        return 300;
      }
    }
  }
}
