package dev.krongauss.optim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.curvature.ExactSpace;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.model.LossFunction;
import dev.krongauss.net.Activation;
import dev.krongauss.net.Loss;
import dev.krongauss.net.Network;
import dev.krongauss.reference.Algebra;
import dev.krongauss.reference.ReferenceLoss;
import dev.krongauss.reference.ReferenceNetwork;
import dev.krongauss.reference.ReferenceTransfer;
import dev.krongauss.testing.DeviceBatch;
import dev.krongauss.testing.Problem;
import dev.krongauss.testing.Problem.Setup;
import dev.krongauss.testing.Problem.Unit;
import dev.krongauss.testing.TestDevice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The exact step against a dense solve in double, in both spaces: error in the norm of the damped
 * matrix.
 */
final class ExactStepTest {
  /** What the step is solved to, or its report says otherwise. */
  private static final double ERROR = 1e-5;

  private static final ReferenceLoss[] LOSSES = ReferenceLoss.values();
  private static final Unit[] UNITS = {Unit.TANH, Unit.LOGISTIC, Unit.SOFTPLUS, Unit.RELU};

  /** A random case of a seed, solved in a space by some operations. */
  record Case(Setup setup, double lambda, double eta, ExactSpace space, Operations.Mode mode) {
    @Override
    public String toString() {
      return setup + " lambda " + lambda + " eta " + eta + " " + space + " " + mode;
    }
  }

  /** Depths 1 to 5, 1 to 5 outputs, N K below, at and above P. */
  static Stream<Case> cases() {
    List<Case> cases = new ArrayList<>();
    for (int seed = 0; seed < 30; seed++) {
      SplittableRandom random = new SplittableRandom(1000 + seed);
      int depth = 1 + seed % 5;
      ReferenceLoss loss = LOSSES[seed % LOSSES.length];
      int[] sizes = new int[depth + 1];
      Arrays.setAll(sizes, l -> 1 + random.nextInt(6));
      sizes[depth] = Math.max(loss == ReferenceLoss.SOFTMAX ? 2 : 1, 1 + seed / 6);
      int P = 0;
      for (int l = 1; l <= depth; l++) {
        P += sizes[l] * (sizes[l - 1] + 1);
      }
      int[] around = {1 + P / (3 * sizes[depth]), Math.max(1, P / sizes[depth]), 2 * P};
      Setup setup = new Setup(loss, UNITS[seed % 4], around[seed % 3], 500 + seed, sizes);
      double lambda = new double[] {1, 1e-2, 1e-4}[seed % 3];
      double eta = seed % 2 == 0 ? 0 : 1e-3;
      for (ExactSpace space : List.of(ExactSpace.SAMPLE, ExactSpace.PARAMETER)) {
        for (Operations.Mode mode : Problem.modes()) {
          cases.add(new Case(setup, lambda, eta, space, mode));
        }
      }
    }
    return cases.stream();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void isThatOfADenseSolve(Case c) {
    try (Problem problem = c.setup.open(c.mode);
        ExactGaussNewton optimizer = optimizer(c, problem.network(), problem.loss())) {
      DenseStep dense =
          DenseStep.of(
              problem.network(),
              problem.reference(),
              problem.loss(),
              problem.X(),
              problem.batch(),
              c.eta);
      StepReport report = optimizer.step(problem.batch());
      assertRight(dense, optimizer, report, c.lambda + c.eta, c.setup.path());
      double[] delta = DenseStep.flat(optimizer.direction());
      double model = dense.norm(delta, c.eta);
      double slope = 0;
      for (int i = 0; i < delta.length; i++) {
        slope += delta[i] * dense.g()[i];
      }
      double predicted = slope + 0.5 * model * model;
      double scale = Math.abs(slope) + model * model;
      assertThat(Math.abs(report.predictedChange() - predicted))
          .as("predicted change, %s", predicted)
          .isLessThan(c.setup.path() * 0x1p-24 * 4 * scale + 2 * ERROR * scale);
    }
  }

  /** Losses that the reference does not have: weights, and a rank of 1. */
  static Stream<Arguments> others() {
    return Stream.of(ExactSpace.SAMPLE, ExactSpace.PARAMETER)
        .flatMap(
            space ->
                Problem.modes().stream()
                    .flatMap(
                        mode ->
                            Stream.of(Loss.mixture(), Loss.weighted(Loss.softmax()))
                                .map(loss -> Arguments.of(loss, space, mode))));
  }

  @ParameterizedTest(name = "{0} {1} {2}")
  @MethodSource("others")
  void holdsForWeightsAndForARankOfOne(LossFunction loss, ExactSpace space, Operations.Mode mode) {
    SplittableRandom random = new SplittableRandom(7);
    double[][] X = Problem.random(23, 4, random);
    double[][] T = new double[X.length][loss.targets(3)];
    for (int n = 0; n < T.length; n++) {
      Arrays.setAll(T[n], j -> random.nextInt(2));
      if (T[n].length == 4) {
        T[n] = new double[] {0, 0, 0, (float) (n % 5 == 3 ? 0 : 2 * random.nextDouble())};
        T[n][random.nextInt(3)] = 1;
      }
    }
    try (Network network = tanh(mode, 4, 5, 3);
        DeviceBatch batch = DeviceBatch.of(TestDevice.get(), X, T);
        ExactGaussNewton optimizer =
            GaussNewton.exact()
                .lambda(1e-2)
                .l2(1e-3)
                .space(space)
                .operations(mode)
                .build(network, loss)) {
      DenseStep dense = DenseStep.of(network, reference(network, 4, 5, 3), loss, X, batch, 1e-3);
      assertRight(dense, optimizer, optimizer.step(batch), 1e-2 + 1e-3, 2 * 12 + 60 + 23);
    }
  }

  /**
   * The error is what the report says, but for the rounding of the forward pass, which moves the
   * solution, and less than 1e-5.
   *
   * @param path roundings of an element of the gradient
   */
  static void assertRight(
      DenseStep dense, ExactGaussNewton optimizer, StepReport report, double mu, int path) {
    double error = dense.error(DenseStep.flat(optimizer.direction()), mu);
    if (!report.accepted()) {
      assertThat(report.problem()).contains("taken back"); // too far, but where it should be
    }
    assertThat(report.rung()).isZero();
    assertThat(error)
        .as("error")
        .isLessThan(1.1 * report.solveError() + dense.errorOfRounding(mu, path));
    assertThat(report.solveError()).isLessThan(ERROR);
    assertThat(error).isLessThan(ERROR);
  }

  private static ExactGaussNewton optimizer(Case c, Network network, LossFunction loss) {
    return GaussNewton.exact()
        .lambda(c.lambda)
        .l2(c.eta)
        .space(c.space)
        .operations(c.mode)
        .build(network, loss);
  }

  private static Network tanh(Operations.Mode mode, int... sizes) {
    return Network.input(sizes[0])
        .operations(mode)
        .dense(sizes[1], Activation.TANH)
        .dense(sizes[2], Activation.IDENTITY)
        .build(TestDevice.get(), 5);
  }

  private static ReferenceNetwork reference(Network network, int... sizes) {
    float[][] W = network.weights();
    double[][][] weights = new double[W.length][][];
    for (int l = 0; l < W.length; l++) {
      weights[l] = Algebra.matrix(W[l], sizes[l + 1], sizes[l] + 1);
    }
    return new ReferenceNetwork(
        weights, new ReferenceTransfer[] {ReferenceTransfer.TANH, ReferenceTransfer.IDENTITY});
  }
}
