package dev.krongauss.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The exact second derivatives of the reference against finite differences of its gradient. */
final class ReferenceSecondOrderTest {
  private static final double STEP = 1e-5;

  /** Rounding 2^-53 / STEP and truncation STEP² times a fourth derivative, a hundredfold. */
  private static final double BOUND = 2e-8;

  private final SplittableRandom random = new SplittableRandom(18);

  static Stream<Arguments> cases() {
    return ReferenceTest.transfers()
        .flatMap(f -> Stream.of(ReferenceLoss.values()).map(loss -> Arguments.of(f, loss)));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void hessianBlocksAreDifferencesOfTheGradient(ReferenceTransfer f, ReferenceLoss loss) {
    ReferenceNetwork network = network(f, 2, 3, 4, 2);
    double[][] X = matrix(3, 2);
    double[][] T = {{0.2, 0.8}, {1, 0}, {0.5, 0.5}};
    ReferenceSecondOrder exact = new ReferenceSecondOrder(network, X, T, loss);
    for (int l = 0; l < network.layers(); l++) {
      double[][] H = exact.hessianBlock(l);
      int d = network.weights()[l].length;
      for (int p = 0; p < H.length; p++) {
        double[][][] unit = zeros(network);
        unit[l][p % d][p / d] = 1;
        double[][] up = network.moved(STEP, unit).gradient(X, T, loss)[l];
        double[][] down = network.moved(-STEP, unit).gradient(X, T, loss)[l];
        for (int q = 0; q < H.length; q++) {
          double difference = (up[q % d][q / d] - down[q % d][q / d]) / (2 * STEP);
          assertThat(H[q][p]).isCloseTo(difference, within(BOUND));
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void hessianProductsAreDifferencesOfTheGradient(ReferenceTransfer f, ReferenceLoss loss) {
    ReferenceNetwork network = network(f, 2, 3, 4, 2);
    double[][] X = matrix(3, 2);
    double[][] T = {{0.2, 0.8}, {1, 0}, {0.5, 0.5}};
    double[][][] D = zeros(network);
    for (int l = 0; l < D.length; l++) {
      D[l] = matrix(D[l].length, D[l][0].length);
    }
    double[][][] product = new ReferenceSecondOrder(network, X, T, loss).hessianProduct(D);
    double[][][] up = network.moved(STEP, D).gradient(X, T, loss);
    double[][][] down = network.moved(-STEP, D).gradient(X, T, loss);
    for (int l = 0; l < D.length; l++) {
      double[][] difference = Algebra.combine(0.5 / STEP, up[l], -0.5 / STEP, down[l]);
      double error = Algebra.largest(Algebra.combine(1, product[l], -1, difference));
      // along a direction of 37 components: third derivatives add up
      assertThat(error).isLessThan(20 * BOUND);
    }
  }

  @Test
  void gaussNewtonProductsAreThoseOfTheBlocksAndOfTheQuadratic() {
    ReferenceNetwork network = network(ReferenceTransfer.TANH, 3, 2, 3);
    double[][] X = matrix(5, 3);
    double[][] T = matrix(5, 3);
    ReferenceSecondOrder exact = new ReferenceSecondOrder(network, X, T, ReferenceLoss.SOFTMAX);
    double[][][] D = {matrix(2, 4), matrix(3, 3)};
    double[][][] product = exact.gaussNewtonProduct(D);
    double quadratic = Algebra.dot(D[0], product[0]) + Algebra.dot(D[1], product[1]);
    assertThat(new ReferenceCurvature(network, X, ReferenceLoss.SOFTMAX).quadratic(D))
        .isCloseTo(quadratic, within(1e-13));
    double[][][] first = {D[0], Algebra.zeros(3, 3)};
    double[] flat = new double[8];
    for (int p = 0; p < 8; p++) {
      flat[p] = D[0][p % 2][p / 2];
    }
    double[] wanted = Algebra.multiply(exact.gaussNewtonBlock(0), flat);
    double[][] got = exact.gaussNewtonProduct(first)[0];
    for (int p = 0; p < 8; p++) {
      assertThat(got[p % 2][p / 2]).isCloseTo(wanted[p], within(1e-13));
    }
  }

  @Test
  void eigenvalues() {
    double[][] A = matrix(9, 9);
    double[][] S = Algebra.multiply(A, Algebra.transpose(A));
    double[] values = Eigen.values(S);
    double[] ofInverse = Eigen.values(Algebra.inverse(S));
    double sum = 0;
    for (int i = 0; i < 9; i++) {
      sum += values[i];
      assertThat(values[i] * ofInverse[8 - i]).isCloseTo(1, within(1e-6));
      assertThat(i == 0 || values[i] <= values[i - 1]).isTrue();
    }
    assertThat(sum).isCloseTo(Algebra.trace(S), within(1e-12));
    double[][] low = Algebra.multiply(matrix(9, 3), matrix(3, 9));
    assertThat(Eigen.rank(Algebra.multiply(low, Algebra.transpose(low)), 1e-10)).isEqualTo(3);
  }

  private ReferenceNetwork network(ReferenceTransfer hidden, int... sizes) {
    double[][][] W = new double[sizes.length - 1][][];
    ReferenceTransfer[] f = new ReferenceTransfer[W.length];
    for (int l = 0; l < W.length; l++) {
      W[l] = matrix(sizes[l + 1], sizes[l] + 1);
      f[l] = l == W.length - 1 ? ReferenceTransfer.IDENTITY : hidden;
    }
    return new ReferenceNetwork(W, f);
  }

  private static double[][][] zeros(ReferenceNetwork network) {
    double[][][] zeros = new double[network.layers()][][];
    for (int l = 0; l < zeros.length; l++) {
      zeros[l] = Algebra.zeros(network.weights()[l].length, network.weights()[l][0].length);
    }
    return zeros;
  }

  private double[][] matrix(int rows, int columns) {
    double[][] A = Algebra.zeros(rows, columns);
    for (double[] row : A) {
      for (int j = 0; j < columns; j++) {
        row[j] = 2 * random.nextDouble() - 1;
      }
    }
    return A;
  }
}
