package dev.krongauss.curvature;

import static dev.krongauss.testing.Compare.bound;
import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.reference.Algebra;
import dev.krongauss.reference.ReferenceCurvature;
import dev.krongauss.reference.ReferenceLoss;
import dev.krongauss.testing.Compare;
import dev.krongauss.testing.DeviceBatch;
import dev.krongauss.testing.Problem;
import dev.krongauss.testing.Problem.Setup;
import dev.krongauss.testing.Problem.Unit;
import dev.krongauss.testing.TestDevice;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What must hold between the methods, the exact Gauss-Newton block and changed batches. Bounds as
 * in FactorsTest.
 */
final class TheoremTest {
  private static final double C = 2;
  private static final int[] SIZES = {3, 5, 4, 2};

  static Stream<Arguments> losses() {
    return Arrays.stream(ReferenceLoss.values())
        .flatMap(loss -> Problem.modes().stream().map(mode -> Arguments.of(loss, mode)));
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("losses")
  void ofOneDatapointKfraIsKflrIsTheExactBlock(ReferenceLoss loss, Operations.Mode mode) {
    Setup setup = new Setup(loss, Unit.TANH, 1, 21, SIZES);
    try (Problem problem = setup.open(mode);
        FactorsFixture kfra = entered(problem, mode, Method.KFRA);
        FactorsFixture kflr = entered(problem, mode, Method.KFLR)) {
      ReferenceCurvature reference = new ReferenceCurvature(problem.reference(), problem.X(), loss);
      for (int l = 0; l < kfra.layers(); l++) {
        double[][] block = reference.exactBlock(l);
        compare("G ⊗ Q of KFRA " + l, setup, block, kronecker(kfra, l));
        compare("G ⊗ Q of KFLR " + l, setup, block, kronecker(kflr, l));
      }
    }
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("losses")
  void ofALinearNetworkKfraIsKflr(ReferenceLoss loss, Operations.Mode mode) {
    Setup setup = new Setup(loss, Unit.IDENTITY, 29, 22, SIZES);
    try (Problem problem = setup.open(mode);
        FactorsFixture kfra = entered(problem, mode, Method.KFRA);
        FactorsFixture kflr = entered(problem, mode, Method.KFLR)) {
      for (int l = 0; l < kfra.layers(); l++) {
        compare("G" + l, setup, symmetric(kflr.G(l)), kfra.G(l));
      }
    }
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("losses")
  void ofANonlinearNetworkTheyDiffer(ReferenceLoss loss, Operations.Mode mode) {
    // The control of the two tests above: KFRA is an approximation, so equality everywhere would be
    // a mistake.
    Setup setup = new Setup(loss, Unit.TANH, 29, 23, SIZES);
    try (Problem problem = setup.open(mode);
        FactorsFixture kfra = entered(problem, mode, Method.KFRA);
        FactorsFixture kflr = entered(problem, mode, Method.KFLR)) {
      double[][] G = symmetric(kflr.G(0));
      double difference = Algebra.largest(Algebra.combine(1, G, -1, symmetric(kfra.G(0))));
      assertThat(difference).isGreaterThan(1e-3 * Algebra.largest(G));
    }
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("losses")
  void aDuplicatedBatchHasTheSameFactors(ReferenceLoss loss, Operations.Mode mode) {
    Setup setup = new Setup(loss, Unit.LOGISTIC, 11, 24, SIZES);
    for (Method method : new Method[] {Method.KFRA, Method.KFLR}) {
      try (Problem problem = setup.open(mode);
          DeviceBatch twice =
              DeviceBatch.of(TestDevice.get(), twice(problem.X()), twice(problem.T()));
          FactorsFixture one = entered(problem, mode, method);
          FactorsFixture two = fixture(problem, mode, method)) {
        two.enter(twice, 1);
        for (int l = 0; l < one.layers(); l++) {
          compare("Q" + l, setup, symmetric(one.Q(l)), two.Q(l));
          compare(method + " G" + l, setup, symmetric(one.G(l)), two.G(l));
        }
      }
    }
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("losses")
  void halvesOfABatchAverageToItsFactors(ReferenceLoss loss, Operations.Mode mode) {
    // The second of two batches weighs ½. Not for KFRA: its recursion is not linear in the batch.
    Setup setup = new Setup(loss, Unit.TANH, 12, 25, SIZES);
    try (Problem problem = setup.open(mode);
        DeviceBatch first = half(problem, 0);
        DeviceBatch second = half(problem, 6);
        FactorsFixture whole = entered(problem, mode, Method.KFLR);
        FactorsFixture halves = fixture(problem, mode, Method.KFLR)) {
      halves.enter(first, 1);
      halves.enter(second, 2);
      for (int l = 0; l < whole.layers(); l++) {
        compare("Q" + l, setup, symmetric(whole.Q(l)), halves.Q(l));
        compare("G" + l, setup, symmetric(whole.G(l)), halves.G(l));
      }
    }
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("losses")
  void kfacIsUnbiased(ReferenceLoss loss, Operations.Mode mode) {
    // The mean over S independent draws lies within 5 standard errors of the exact G: one element
    // in two million
    // would not by chance, and the seeds are fixed. A sixth because the error is estimated itself.
    int seeds = 15;
    int steps = 20;
    Setup setup = new Setup(loss, Unit.TANH, 6, 26, 3, 4, 2);
    try (Problem problem = setup.open(mode)) {
      int layers = setup.sizes().length - 1;
      double[][] sum = new double[layers][];
      double[][] squares = new double[layers][];
      for (int seed = 0; seed < seeds; seed++) {
        try (FactorsFixture fixture =
            new FactorsFixture(
                problem.network(),
                problem.loss(),
                mode,
                Method.KFAC,
                0,
                FactorsFixture.AMPLE,
                seed)) {
          for (int step = 1; step <= steps; step++) {
            fixture.enter(problem.batch(), step);
            add(fixture, sum, squares);
          }
        }
      }
      ReferenceCurvature reference = new ReferenceCurvature(problem.reference(), problem.X(), loss);
      int S = seeds * steps;
      for (int l = 0; l < layers; l++) {
        double[][] exact = reference.kflr(l);
        float[] mean = new float[sum[l].length];
        double[] error = new double[mean.length];
        for (int i = 0; i < mean.length; i++) {
          mean[i] = (float) (sum[l][i] / S);
          error[i] = Math.sqrt(Math.max(0, squares[l][i] / S - (double) mean[i] * mean[i]) / S);
        }
        int d = exact.length;
        Compare.matrix(
            "mean of KFAC's G" + l,
            26,
            exact,
            mirrored(mean, d),
            (i, j) -> 6 * error[Math.max(i, j) * d + Math.min(i, j)] + 1e-6);
      }
    }
  }

  private static void add(FactorsFixture fixture, double[][] sum, double[][] squares) {
    for (int l = 0; l < sum.length; l++) {
      float[] G = fixture.G(l);
      if (sum[l] == null) {
        sum[l] = new double[G.length];
        squares[l] = new double[G.length];
      }
      for (int i = 0; i < G.length; i++) {
        sum[l][i] += G[i];
        squares[l][i] += (double) G[i] * G[i];
      }
    }
  }

  private static FactorsFixture fixture(Problem problem, Operations.Mode mode, Method method) {
    return new FactorsFixture(
        problem.network(), problem.loss(), mode, method, 0.9f, FactorsFixture.AMPLE, 1);
  }

  private static FactorsFixture entered(Problem problem, Operations.Mode mode, Method method) {
    FactorsFixture fixture = fixture(problem, mode, method);
    fixture.enter(problem.batch(), 1);
    return fixture;
  }

  private static DeviceBatch half(Problem problem, int first) {
    return DeviceBatch.of(
        TestDevice.get(),
        Arrays.copyOfRange(problem.X(), first, first + 6),
        Arrays.copyOfRange(problem.T(), first, first + 6));
  }

  private static double[][] twice(double[][] rows) {
    return Stream.concat(Arrays.stream(rows), Arrays.stream(rows)).toArray(double[][]::new);
  }

  private static float[] kronecker(FactorsFixture fixture, int layer) {
    return DeviceBatch.compact(
        Algebra.kronecker(symmetric(fixture.G(layer)), symmetric(fixture.Q(layer))));
  }

  /** The whole of a matrix whose lower triangle is valid. */
  private static double[][] symmetric(float[] lower) {
    int d = (int) Math.round(Math.sqrt(lower.length));
    return Algebra.matrix(mirrored(lower, d), d, d);
  }

  private static float[] mirrored(float[] lower, int d) {
    float[] whole = lower.clone();
    for (int i = 0; i < d; i++) {
      for (int j = i + 1; j < d; j++) {
        whole[i * d + j] = lower[j * d + i];
      }
    }
    return whole;
  }

  private static void compare(String what, Setup setup, double[][] wanted, float[] got) {
    Compare.lower(what, setup.seed(), wanted, got, bound(C, setup.path(), Algebra.largest(wanted)));
  }
}
