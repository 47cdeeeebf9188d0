package dev.krongauss.optim;

import static org.assertj.core.api.Assertions.assertThat;

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
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Steps that must be the same, and steps at the ends of what the solver is given. */
final class ExactInvarianceTest {
  private static final double ERROR = 1e-5;
  private static final double FLOAT = 0x1p-24; // rounding of a float

  static Stream<Arguments> hard() {
    return Stream.of(1e-6, 1e-8)
        .flatMap(
            lambda ->
                Stream.of(ExactSpace.SAMPLE, ExactSpace.PARAMETER)
                    .flatMap(
                        space ->
                            Stream.of(
                                    new Setup(ReferenceLoss.SQUARED, Unit.TANH, 1, 60, 3, 4, 2),
                                    new Setup(ReferenceLoss.SQUARED, Unit.TANH, 9, 61, 3, 6, 5, 2),
                                    new Setup(ReferenceLoss.SQUARED, Unit.TANH, 80, 62, 3, 5, 2),
                                    new Setup(
                                        ReferenceLoss.SOFTMAX, Unit.LOGISTIC, 70, 63, 2, 4, 3),
                                    new Setup(
                                        ReferenceLoss.BERNOULLI, Unit.SOFTPLUS, 7, 64, 4, 9, 1))
                                .map(setup -> Arguments.of(setup, lambda, space))));
  }

  /**
   * Where damping is a millionth of the matrix and less, the inverse in floats is poor and rounding
   * the step tells: what the report says is the error, and at a millionth it is small all the same.
   */
  @ParameterizedTest(name = "{0} lambda {1} {2}")
  @MethodSource("hard")
  void littleDampingIsSolvedForAndTheReportIsRight(Setup setup, double lambda, ExactSpace space) {
    try (Problem problem = setup.open(Operations.Mode.AUTO);
        ExactGaussNewton optimizer =
            GaussNewton.exact()
                .lambda(lambda)
                .space(space)
                .build(problem.network(), problem.loss())) {
      DenseStep dense =
          DenseStep.ofTraces(problem.network(), problem.loss(), problem.X(), problem.batch(), 0);
      StepReport report = optimizer.step(problem.batch());
      double mu = space == ExactSpace.SAMPLE ? lambda * Math.pow(10, report.rung()) : lambda;
      double error = dense.error(DenseStep.flat(optimizer.direction()), mu);
      boolean split = space == ExactSpace.SAMPLE && setup.loss() == ReferenceLoss.SOFTMAX;
      double ofSplit = split ? dense.errorOfRounding(mu, 3 + 66) : 0; // bound of root_space.cu
      // measured with the inverse that preconditions, which is itself poor where it did not solve
      double slack = report.solved() ? 1.1 : 1.5;
      assertThat(error).as("%s", report).isLessThan(slack * report.solveError() + ofSplit);
      boolean worst = "worst".equals(System.getProperty("krongauss.softcuda.mma"));
      if (!worst && lambda > FLOAT) { // below, the factorised matrix is not the damped one
        assertThat(report.solveError()).isLessThan(ERROR);
      }
      assertThat(report.solved()).isEqualTo(report.solveError() <= ERROR);
    }
  }

  /** Hidden units in another order give the same step in that order. */
  @ParameterizedTest
  @ValueSource(strings = {"SAMPLE", "PARAMETER"})
  void permutedUnitsTakePermutedSteps(ExactSpace space) {
    int[] order = {3, 0, 4, 1, 2};
    Setup setup = new Setup(ReferenceLoss.SQUARED, Unit.TANH, 14, 65, 3, 5, 2);
    try (Problem problem = setup.open(Operations.Mode.AUTO)) {
      float[][] W = problem.network().weights();
      float[][] P = {new float[W[0].length], W[1].clone()};
      for (int i = 0; i < 5; i++) {
        System.arraycopy(W[0], 4 * order[i], P[0], 4 * i, 4);
        P[1][i] = W[1][order[i]];
        P[1][6 + i] = W[1][6 + order[i]];
      }
      DenseStep dense = DenseStep.of(problem.reference(), problem, 0);
      double[] plain = step(problem, W, space);
      double[] permuted = step(problem, P, space);
      double[] difference = new double[plain.length];
      for (int i = 0; i < 5; i++) {
        for (int j = 0; j < 4; j++) {
          int at = 4 * order[i] + j;
          difference[at] = permuted[4 * i + j] - plain[at];
        }
        for (int o = 0; o < 2; o++) {
          int at = 20 + 6 * o + order[i];
          difference[at] = permuted[20 + 6 * o + i] - plain[at];
        }
      }
      for (int o = 0; o < 2; o++) {
        difference[25 + 6 * o] = permuted[25 + 6 * o] - plain[25 + 6 * o];
      }
      assertThat(dense.norm(difference, 1e-2)).isLessThan(2 * ERROR * dense.norm(plain, 1e-2));
    }
  }

  private static double[] step(Problem problem, float[][] W, ExactSpace space) {
    problem.network().setWeights(W);
    try (ExactGaussNewton optimizer =
        GaussNewton.exact().lambda(1e-2).space(space).build(problem.network(), problem.loss())) {
      assertThat(optimizer.step(problem.batch()).solved()).isTrue();
      return DenseStep.flat(optimizer.direction());
    }
  }

  /** More residuals a datapoint than a warp has lanes: both spaces take the same step. */
  @Test
  void manyResidualsOfADatapoint() {
    SplittableRandom random = new SplittableRandom(66);
    int classes = 45;
    double[][] X = Problem.random(6, 3, random);
    double[][] T = new double[6][classes];
    for (double[] t : T) {
      t[random.nextInt(classes)] = 1;
    }
    double[][] steps = new double[2][];
    for (ExactSpace space : List.of(ExactSpace.SAMPLE, ExactSpace.PARAMETER)) {
      try (Network network =
              Network.input(3)
                  .dense(7, Activation.TANH)
                  .dense(classes, Activation.IDENTITY)
                  .build(TestDevice.get(), 4);
          DeviceBatch batch = DeviceBatch.of(TestDevice.get(), X, T);
          ExactGaussNewton optimizer =
              GaussNewton.exact().lambda(1e-2).space(space).build(network, Loss.softmax())) {
        StepReport report = optimizer.step(batch);
        assertThat(report.solved()).as("%s, error %s", report, report.solveError()).isTrue();
        steps[space == ExactSpace.SAMPLE ? 0 : 1] = DenseStep.flat(optimizer.direction());
      }
    }
    double scale = Arrays.stream(steps[1]).map(Math::abs).max().orElseThrow();
    for (int i = 0; i < steps[0].length; i++) {
      assertThat(Math.abs(steps[0][i] - steps[1][i])).isLessThan(2 * ERROR * scale);
    }
  }

  /** A gradient of 0: nothing to solve, no division by it. */
  @ParameterizedTest
  @ValueSource(strings = {"SAMPLE", "PARAMETER"})
  void atTheTargetsNothingMoves(ExactSpace space) {
    try (Network network =
            Network.input(2).dense(2, Activation.IDENTITY).build(TestDevice.get(), 4);
        DeviceBatch batch =
            DeviceBatch.of(TestDevice.get(), new double[][] {{1, 2}}, new double[1][2])) {
      network.setWeights(new float[][] {new float[6]});
      try (ExactGaussNewton optimizer =
          GaussNewton.exact().space(space).build(network, Loss.squared())) {
        StepReport report = optimizer.step(batch);
        assertThat(report.converged()).as("%s", report).isTrue();
        assertThat(report.solveError()).isZero();
        assertThat(network.weights()[0]).containsOnly(0);
      }
    }
  }
}
