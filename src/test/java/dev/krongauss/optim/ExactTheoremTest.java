package dev.krongauss.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.krongauss.curvature.ExactSpace;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.net.Activation;
import dev.krongauss.net.Loss;
import dev.krongauss.net.Network;
import dev.krongauss.reference.ReferenceLoss;
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
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What holds of the exact step whatever the network. */
final class ExactTheoremTest {
  private static final double ERROR = 1e-5;

  /** (A + λ diag A) Δ = −g of A = C + ηI. */
  @ParameterizedTest(name = "eta {0}")
  @ValueSource(doubles = {0, 1e-2})
  void marquardtDampsByTheDiagonal(double eta) {
    double lambda = 1e-2;
    Setup setup = new Setup(ReferenceLoss.SQUARED, Unit.TANH, 60, 78, 4, 5, 2);
    for (Operations.Mode mode : Problem.modes()) {
      try (Problem problem = setup.open(mode);
          ExactGaussNewton optimizer =
              GaussNewton.exact()
                  .marquardt()
                  .lambda(lambda)
                  .l2(eta)
                  .operations(mode)
                  .build(problem.network(), problem.loss())) {
        DenseStep dense = DenseStep.of(problem.reference(), problem, eta).damped(lambda, eta);
        StepReport report = optimizer.step(problem.batch());
        double error = dense.error(DenseStep.flat(optimizer.direction()), 0);
        assertThat(error).isLessThan(2 * ERROR);
        assertThat(report.solveError()).isLessThan(ERROR);
      }
    }
  }

  /** Twice the same datapoints, units that are twins, and one that is dead. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("spaces")
  void singularMatricesAreNoTrouble(ExactSpace space) {
    SplittableRandom random = new SplittableRandom(9);
    double[][] X = Problem.random(12, 4, random);
    double[][] T = Problem.random(12, 2, random);
    for (int n = 6; n < 12; n++) {
      X[n] = X[n - 6];
      T[n] = T[n - 6];
    }
    try (Network network =
            Network.input(4)
                .dense(5, Activation.RELU)
                .dense(2, Activation.IDENTITY)
                .build(TestDevice.get(), 3);
        DeviceBatch batch = DeviceBatch.of(TestDevice.get(), X, T);
        DeviceBatch half =
            DeviceBatch.of(TestDevice.get(), Arrays.copyOf(X, 6), Arrays.copyOf(T, 6));
        ExactGaussNewton optimizer =
            GaussNewton.exact().lambda(1e-2).space(space).build(network, Loss.squared())) {
      float[][] W = network.weights();
      for (int j = 0; j < 5; j++) {
        W[0][j] = j < 4 ? 0 : -1; // dead
        W[0][10 + j] = W[0][5 + j]; // twins
      }
      W[1][2] = W[1][1];
      W[1][8] = W[1][7];
      network.setWeights(W);
      assertThat(optimizer.step(half).accepted()).isTrue();
      double[] once = DenseStep.flat(optimizer.direction());
      network.setWeights(W);
      try (ExactGaussNewton another =
          GaussNewton.exact().lambda(1e-2).space(space).build(network, Loss.squared())) {
        assertThat(another.step(batch).accepted()).isTrue();
        double[] twice = DenseStep.flat(another.direction());
        assertThat(Arrays.stream(Arrays.copyOf(once, 5)).allMatch(x -> x == 0)).isTrue();
        double largest = Arrays.stream(once).map(Math::abs).max().orElseThrow();
        for (int i = 0; i < once.length; i++) {
          assertThat(twice[i]).isCloseTo(once[i], within(ERROR * largest));
        }
        for (int j = 0; j < 5; j++) {
          assertThat(once[10 + j]).isCloseTo(once[5 + j], within(ERROR * largest));
        }
      }
    }
  }

  static Stream<ExactSpace> spaces() {
    return Stream.of(ExactSpace.SAMPLE, ExactSpace.PARAMETER);
  }

  /**
   * Linear least squares, with more datapoints than weights and with fewer: one step is the way.
   */
  @ParameterizedTest(name = "{0} datapoints")
  @ValueSource(ints = {101, 6})
  void oneStepSolvesLinearLeastSquares(int datapoints) {
    double lambda = 1e-4;
    Setup setup = new Setup(ReferenceLoss.SQUARED, Unit.IDENTITY, datapoints, 31, 7, 3);
    try (Problem problem = setup.open(Operations.Mode.AUTO);
        ExactGaussNewton optimizer =
            GaussNewton.exact().lambda(lambda).build(problem.network(), Loss.squared())) {
      assertThat(optimizer.space(datapoints))
          .isEqualTo(datapoints == 6 ? ExactSpace.SAMPLE : ExactSpace.PARAMETER);
      DenseStep dense = DenseStep.of(problem.reference(), problem, 0);
      double[] wanted = DenseStep.flat(problem.reference().weights());
      double[] step = dense.solve(lambda);
      StepReport report = optimizer.step(problem.batch());
      assertThat(report.accepted()).isTrue();
      assertThat(report.reductionRatio()).isCloseTo(1, within(1e-4));
      double[] got = DenseStep.flat(problem.network().parameters());
      double[] difference = new double[got.length];
      Arrays.setAll(difference, i -> got[i] - wanted[i] - step[i]);
      assertThat(dense.norm(difference, lambda)).isLessThan(2 * ERROR * dense.norm(step, lambda));
      assertThat(optimizer.step(problem.batch()).objective())
          .isCloseTo(
              report.objective() + report.predictedChange(), within(1e-6 * report.objective()));
    }
  }

  @Test
  void bothSpacesTakeTheSameSteps() {
    Setup setup = new Setup(ReferenceLoss.BERNOULLI, Unit.TANH, 40, 77, 5, 6, 4, 2);
    double[] objectives = new double[2];
    double[][] weights = new double[2][];
    for (ExactSpace space : List.of(ExactSpace.SAMPLE, ExactSpace.PARAMETER)) {
      try (Problem problem = setup.open(Operations.Mode.AUTO);
          ExactGaussNewton optimizer =
              GaussNewton.exact().l2(1e-3).space(space).build(problem.network(), problem.loss())) {
        for (int k = 0; k < 5; k++) {
          optimizer.step(problem.batch());
        }
        int place = space == ExactSpace.SAMPLE ? 0 : 1;
        objectives[place] = optimizer.step(problem.batch()).objective();
        weights[place] = DenseStep.flat(problem.network().parameters());
      }
    }
    assertThat(objectives[1]).isCloseTo(objectives[0], within(1e-5 * objectives[0]));
    double largest = Arrays.stream(weights[0]).map(Math::abs).max().orElseThrow();
    for (int i = 0; i < weights[0].length; i++) {
      assertThat(weights[1][i]).isCloseTo(weights[0][i], within(1e-3 * largest));
    }
  }
}
