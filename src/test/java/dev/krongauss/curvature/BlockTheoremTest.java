package dev.krongauss.curvature;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.curvature.CurvatureBlocks.Kind;
import dev.krongauss.device.Matrix;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.reference.Algebra;
import dev.krongauss.reference.ReferenceLoss;
import dev.krongauss.testing.Compare;
import dev.krongauss.testing.DeviceBatch;
import dev.krongauss.testing.Problem;
import dev.krongauss.testing.Problem.Setup;
import dev.krongauss.testing.Problem.Unit;
import dev.krongauss.testing.TestDevice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What must hold between exact blocks, products, the Kronecker factors and the Fisher: the library
 * against itself, along two ways that share little. Bounds are those of one way against the
 * reference, for each of the two.
 */
final class BlockTheoremTest {
  private static final int[] SIZES = {3, 5, 4, 2};

  static Stream<Arguments> losses() {
    return Arrays.stream(ReferenceLoss.values())
        .flatMap(loss -> Problem.modes().stream().map(mode -> Arguments.of(loss, mode)));
  }

  static Stream<Arguments> units() {
    return Arrays.stream(Unit.values())
        .flatMap(unit -> Problem.modes().stream().map(mode -> Arguments.of(unit, mode)));
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("units")
  void forPiecewiseLinearUnitsAloneTheHessianBlockIsTheGaussNewtonBlock(
      Unit unit, Operations.Mode mode) {
    for (ReferenceLoss loss : ReferenceLoss.values()) {
      try (SecondOrderFixture fixture =
          new SecondOrderFixture(new Setup(loss, unit, 11, 90, SIZES), mode)) {
        CurvatureBlocks blocks = fixture.blocks();
        int top = fixture.layers() - 1;
        for (int l = 0; l <= top; l++) {
          double[][] G = fixture.download(blocks.gaussNewtonBlock(l));
          double[][] H = fixture.download(blocks.hessianBlock(l));
          double difference = Algebra.largest(Algebra.combine(1, G, -1, H));
          // At the output there is no unit: there both agree for every one.
          if (l == top || piecewiseLinear(unit)) {
            assertThat(difference).isLessThan(2 * fixture.blockBound(Kind.HESSIAN, l));
          } else {
            assertThat(difference).as("layer " + l).isGreaterThan(1e-3 * Algebra.largest(G));
          }
        }
      }
    }
  }

  static boolean piecewiseLinear(Unit unit) {
    return switch (unit) {
      case IDENTITY, RELU, LEAKY_RELU -> true;
      case TANH, LOGISTIC, SOFTPLUS -> false;
    };
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("losses")
  void ofOneDatapointTheBlockIsQTimesGOfKfraAndOfKflr(ReferenceLoss loss, Operations.Mode mode) {
    try (SecondOrderFixture fixture =
            new SecondOrderFixture(new Setup(loss, Unit.TANH, 1, 91, SIZES), mode);
        FactorsFixture kfra = entered(fixture, mode, Method.KFRA);
        FactorsFixture kflr = entered(fixture, mode, Method.KFLR)) {
      fixture.problem.network().forward(fixture.problem.batch(), fixture.s);
      CurvatureBlocks blocks = fixture.blocks();
      for (int l = 0; l < fixture.layers(); l++) {
        double[][] block = fixture.download(blocks.gaussNewtonBlock(l));
        double bound = 2 * fixture.blockBound(Kind.GAUSS_NEWTON, l);
        for (FactorsFixture factors : List.of(kfra, kflr)) {
          double[][] product = Algebra.kronecker(symmetric(factors.Q(l)), symmetric(factors.G(l)));
          Compare.matrix("Q ⊗ G " + l, 91, block, DeviceBatch.compact(product), bound);
        }
      }
    }
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("losses")
  void theMeanOfTheDatapointsIsGOfKflr(ReferenceLoss loss, Operations.Mode mode) {
    try (SecondOrderFixture fixture =
            new SecondOrderFixture(new Setup(loss, Unit.LOGISTIC, 13, 92, SIZES), mode);
        FactorsFixture kflr = entered(fixture, mode, Method.KFLR)) {
      fixture.problem.network().forward(fixture.problem.batch(), fixture.s);
      CurvatureBlocks blocks = fixture.blocks();
      for (int l = 0; l < fixture.layers(); l++) {
        double[][] mean = fixture.download(blocks.mean(Kind.GAUSS_NEWTON, l));
        double bound = 2 * fixture.meanBound(Kind.GAUSS_NEWTON, l);
        Compare.lower("G" + l, 92, mean, kflr.G(l), bound);
      }
    }
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("units")
  void withinALayerBlocksAndProductsAreTheSameMatrix(Unit unit, Operations.Mode mode) {
    for (ReferenceLoss loss : ReferenceLoss.values()) {
      try (SecondOrderFixture fixture =
          new SecondOrderFixture(new Setup(loss, unit, 6, 93, SIZES), mode)) {
        CurvatureBlocks blocks = fixture.blocks();
        for (Kind kind : Kind.values()) {
          CurvatureProduct product = fixture.product(kind);
          for (int l = 0; l < fixture.layers(); l++) {
            double[][][] D = SecondOrderFixture.only(fixture.direction(94 + l), l);
            double[] v = SecondOrderFixture.vec(D[l]);
            double[] wanted = Algebra.multiply(fixture.download(blocks.block(kind, l)), v);
            double[] got = SecondOrderFixture.vec(fixture.apply(product, D, 0)[l]);
            double bound =
                fixture.productBound(kind, D)[l] + v.length * fixture.blockBound(kind, l);
            Compare.matrix(
                loss + " " + kind + " of layer " + l,
                93,
                new double[][] {wanted},
                DeviceBatch.compact(new double[][] {got}),
                bound);
          }
        }
      }
    }
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("losses")
  void theFisherIsTheGaussNewtonMatrix(ReferenceLoss loss, Operations.Mode mode) {
    // E_t[∇E ∇Eᵀ] over targets from the model, by going through all of them: gradients by the
    // model's own backward pass, one datapoint and one target at a time.
    try (SecondOrderFixture fixture =
        new SecondOrderFixture(new Setup(loss, Unit.TANH, 2, 95, 3, 4, 3), mode)) {
      CurvatureBlocks blocks = fixture.blocks();
      int L = fixture.layers();
      double[][][] block = new double[L][][];
      double[][][] fisher = new double[L][][];
      for (int l = 0; l < L; l++) {
        block[l] = fixture.download(blocks.gaussNewtonBlock(l));
        fisher[l] = Algebra.zeros(block[l].length, block[l].length);
      }
      for (double[] x : fixture.problem.X()) {
        double[] h = fixture.problem.reference().forward(x).output();
        for (Weighted t : targets(loss, h)) {
          double[][][] g = gradient(fixture, x, t.target());
          for (int l = 0; l < L; l++) {
            double[] v = SecondOrderFixture.vec(g[l]);
            fisher[l] = Algebra.combine(1, fisher[l], t.probability() / 2, Algebra.outer(v, v));
          }
        }
      }
      for (int l = 0; l < L; l++) {
        // each gradient's square against a curvature of at most 1: the targets are up to √3 away
        double bound = 4 * fixture.blockBound(Kind.GAUSS_NEWTON, l);
        Compare.matrix("Fisher " + l, 95, block[l], DeviceBatch.compact(fisher[l]), bound);
      }
    }
  }

  private record Weighted(double probability, double[] target) {}

  /** All targets and their probabilities; for the normal as many as give its mean and variance. */
  private static List<Weighted> targets(ReferenceLoss loss, double[] h) {
    int K = h.length;
    double[] p = loss.mean(h);
    List<Weighted> all = new ArrayList<>();
    switch (loss) {
      case SQUARED -> {
        for (int k = 0; k < 2 * K; k++) {
          double[] t = h.clone();
          t[k / 2] += k % 2 == 0 ? Math.sqrt(K) : -Math.sqrt(K);
          all.add(new Weighted(0.5 / K, t));
        }
      }
      case BERNOULLI -> {
        for (int bits = 0; bits < 1 << K; bits++) {
          double[] t = new double[K];
          double probability = 1;
          for (int k = 0; k < K; k++) {
            t[k] = bits >> k & 1;
            probability *= t[k] == 1 ? p[k] : 1 - p[k];
          }
          all.add(new Weighted(probability, t));
        }
      }
      case SOFTMAX -> {
        for (int k = 0; k < K; k++) {
          double[] t = new double[K];
          t[k] = 1;
          all.add(new Weighted(p[k], t));
        }
      }
    }
    return all;
  }

  /** The gradient of one datapoint's loss in every layer, from the device. */
  private static double[][][] gradient(SecondOrderFixture fixture, double[] x, double[] t) {
    Problem problem = fixture.problem;
    try (DeviceBatch batch =
            DeviceBatch.of(TestDevice.get(), new double[][] {x}, new double[][] {t});
        var arena = TestDevice.get().newArena("gradients")) {
      Matrix h = problem.network().forward(batch, fixture.s);
      Matrix delta = arena.matrix(1, h.columns(), "delta");
      long value = arena.floats(1, "loss").pointer();
      problem.loss().on(TestDevice.get()).evaluate(h, batch.targets(), delta, value, fixture.s);
      List<Matrix> gradients =
          problem.network().parameters().stream()
              .map(W -> arena.matrix(W.rows(), W.columns(), "gradient"))
              .toList();
      problem.network().backward(delta, 0, gradients, fixture.s);
      return gradients.stream().map(fixture::download).toArray(double[][][]::new);
    }
  }

  private static FactorsFixture entered(
      SecondOrderFixture fixture, Operations.Mode mode, Method method) {
    FactorsFixture factors =
        new FactorsFixture(
            fixture.problem.network(),
            fixture.problem.loss(),
            mode,
            method,
            0,
            FactorsFixture.AMPLE,
            1);
    factors.enter(fixture.problem.batch(), 1);
    return factors;
  }

  private static double[][] symmetric(float[] lower) {
    int d = (int) Math.round(Math.sqrt(lower.length));
    double[][] S = Algebra.matrix(lower, d, d);
    for (int i = 0; i < d; i++) {
      for (int j = i + 1; j < d; j++) {
        S[i][j] = S[j][i];
      }
    }
    return S;
  }
}
