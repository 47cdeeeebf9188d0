package dev.krongauss.curvature;

import static dev.krongauss.testing.Compare.bound;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.reference.Algebra;
import dev.krongauss.reference.ReferenceCurvature;
import dev.krongauss.reference.ReferenceLoss;
import dev.krongauss.testing.Compare;
import dev.krongauss.testing.DeviceBatch;
import dev.krongauss.testing.Problem;
import dev.krongauss.testing.Setups;
import dev.krongauss.testing.TestDevice;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * G of the last layer as the mean Hessian of the loss: kept as its diagonal by every method, or
 * whole by KFAC where that is asked for. Bounds are those of {@link FactorsTest}.
 */
final class DiagonalTopTest {
  private static final double C = 2;
  private static final long SEED = 5;
  private static final float DECAY = 0.6f;

  static Stream<Arguments> diagonal() {
    List<Problem.Setup> setups =
        Setups.all().stream().filter(s -> s.loss() != ReferenceLoss.SOFTMAX).toList();
    return Setups.inModes(setups)
        .flatMap(c -> Stream.of(Method.values()).map(m -> Arguments.of(c.get()[0], c.get()[1], m)));
  }

  static Stream<Arguments> softmax() {
    List<Problem.Setup> setups =
        Setups.all().stream().filter(s -> s.loss() == ReferenceLoss.SOFTMAX).toList();
    return Setups.inModes(setups);
  }

  /** Three batches of two sizes, in chunks of one datapoint where there are chunks. */
  @ParameterizedTest(name = "{0} {1} {2}")
  @MethodSource("diagonal")
  void factorsAreTheirDefinitions(Problem.Setup setup, Operations.Mode mode, Method method) {
    try (Problem problem = setup.open(mode);
        FactorsFixture fixture = fixture(problem, mode, method, true, false)) {
      compareAverages(setup, problem, fixture, method);
    }
  }

  /** The expectation of what KFAC samples, of a loss whose Hessian is not diagonal. */
  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("softmax")
  void kfacMayTakeTheExpectationWhole(Problem.Setup setup, Operations.Mode mode) {
    try (Problem problem = setup.open(mode);
        FactorsFixture fixture = fixture(problem, mode, Method.KFAC, false, true)) {
      compareAverages(setup, problem, fixture, Method.KFAC);
    }
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("softmax")
  void aLossWithoutADiagonalHessianIsRefused(Problem.Setup setup, Operations.Mode mode) {
    for (Method method : Method.values()) {
      try (Problem problem = setup.open(mode);
          FactorsFixture fixture = fixture(problem, mode, method, true, false)) {
        assertThatThrownBy(() -> fixture.enter(problem.batch(), 1))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("loss 'softmax' is not diagonal");
      }
    }
  }

  @ParameterizedTest(name = "{0} {1} {2}")
  @MethodSource("diagonal")
  void noMatrixOfItsSizeIsLeft(Problem.Setup setup, Operations.Mode mode, Method method) {
    try (Problem problem = setup.open(mode);
        FactorsFixture vector = fixture(problem, mode, method, true, false)) {
      vector.enter(problem.batch(), 1);
      int top = vector.layers() - 1;
      assertThat(vector.G(top)).hasSize(setup.sizes()[setup.sizes().length - 1]);
    }
  }

  private static void compareAverages(
      Problem.Setup setup, Problem problem, FactorsFixture fixture, Method method) {
    int top = fixture.layers() - 1;
    double[][][] G = new double[top + 1][][];
    for (int k = 1; k <= 3; k++) {
      double[][][] drawn =
          problem.draw(k == 3 ? (setup.datapoints() + 1) / 2 : setup.datapoints(), 100 + k);
      try (DeviceBatch batch = DeviceBatch.foreign(TestDevice.get(), drawn[0], drawn[1])) {
        fixture.enter(batch, k);
        double[][] sampled = method == Method.KFAC ? fixture.sampled(batch, SEED, k) : null;
        ReferenceCurvature reference =
            new ReferenceCurvature(problem.reference(), drawn[0], problem.referenceLoss());
        double beta = Math.min(1 - 1.0 / k, DECAY);
        for (int l = 0; l <= top; l++) {
          Method of = l == top ? Method.KFLR : method;
          double[][] batchG = FactorsTest.G(reference, of, l, sampled);
          G[l] = k == 1 ? batchG : Algebra.combine(beta, G[l], 1 - beta, batchG);
        }
      }
    }
    for (int l = 0; l <= top; l++) {
      float[] got = fixture.G(l);
      double error = bound(C, setup.path(), Algebra.largest(G[l]));
      int d = G[l].length;
      if (got.length == d * d) {
        Compare.lower("G" + l, setup.seed(), G[l], got, error);
        continue;
      }
      double[][] diagonal = new double[1][d];
      for (int i = 0; i < d; i++) {
        diagonal[0][i] = G[l][i][i];
        G[l][i][i] = 0;
      }
      assertThat(Algebra.largest(G[l])).as("beside the diagonal").isZero();
      Compare.matrix("diagonal of G" + l, setup.seed(), diagonal, got, error);
    }
  }

  private static FactorsFixture fixture(
      Problem problem,
      Operations.Mode mode,
      Method method,
      boolean diagonalTop,
      boolean expectedTop) {
    return new FactorsFixture(
        problem.network(), problem.loss(), mode, method, DECAY, 1, SEED, diagonalTop, expectedTop);
  }
}
