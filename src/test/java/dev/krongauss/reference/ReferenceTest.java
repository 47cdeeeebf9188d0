package dev.krongauss.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The reference against finite differences and definitions: what everything else is compared with
 * must be right itself.
 */
final class ReferenceTest {
  private static final double STEP = 1e-5;

  /**
   * Central differences: rounding 2^-53 / STEP, truncation STEP² times a third derivative of size
   * 1, a hundredfold.
   */
  private static final double BOUND = 1e-8;

  private final SplittableRandom random = new SplittableRandom(17);

  static Stream<ReferenceTransfer> transfers() {
    return Stream.of(
        ReferenceTransfer.IDENTITY,
        ReferenceTransfer.TANH,
        ReferenceTransfer.LOGISTIC,
        ReferenceTransfer.RELU,
        ReferenceTransfer.leakyRelu(0.1),
        ReferenceTransfer.SOFTPLUS);
  }

  @ParameterizedTest
  @MethodSource("transfers")
  void derivativesOfTransferFunctions(ReferenceTransfer f) {
    for (double h = -4.05; h < 4; h += 0.1) {
      double first = (f.f(h + STEP) - f.f(h - STEP)) / (2 * STEP);
      double second = (f.first(h + STEP) - f.first(h - STEP)) / (2 * STEP);
      assertThat(f.first(h)).isCloseTo(first, within(BOUND));
      assertThat(f.second(h)).isCloseTo(second, within(BOUND));
    }
  }

  @ParameterizedTest
  @EnumSource
  void derivativesOfLosses(ReferenceLoss loss) {
    double[] h = {0.3, -1.7, 2.2, 0.9};
    double[] t = {0, 0.25, 0, 0.75};
    double[][] H = loss.hessian(h);
    for (int i = 0; i < h.length; i++) {
      double[] up = moved(h, i, STEP);
      double[] down = moved(h, i, -STEP);
      assertThat(loss.gradient(h, t)[i])
          .isCloseTo((loss.value(up, t) - loss.value(down, t)) / (2 * STEP), within(BOUND));
      for (int j = 0; j < h.length; j++) {
        assertThat(H[j][i])
            .isCloseTo(
                (loss.gradient(up, t)[j] - loss.gradient(down, t)[j]) / (2 * STEP), within(BOUND));
      }
    }
    double[][] C = loss.squareRoot(h);
    close(Algebra.multiply(C, Algebra.transpose(C)), H, 1e-14);
  }

  @Test
  void derivativesOfTheMixture() {
    for (int k = 0; k < 20; k++) {
      double[] h = Algebra.scale(3, matrix(1, 3))[0];
      for (int y = 0; y < 2; y++) {
        ReferenceMixture at = new ReferenceMixture(h, y);
        assertThat(at.value()).isCloseTo(-Math.log(at.probability()), within(1e-14));
        double[][] H = at.hessian();
        for (int i = 0; i < 3; i++) {
          ReferenceMixture up = new ReferenceMixture(moved(h, i, STEP), y);
          ReferenceMixture down = new ReferenceMixture(moved(h, i, -STEP), y);
          assertThat(at.gradient()[i])
              .isCloseTo((up.value() - down.value()) / (2 * STEP), within(BOUND));
          for (int j = 0; j < 3; j++) {
            double difference = (up.gradient()[j] - down.gradient()[j]) / (2 * STEP);
            assertThat(H[j][i]).isCloseTo(difference, within(BOUND));
          }
        }
        assertThat(smallestAlongSomeDirection(H)).isNegative();
      }
      ReferenceMixture one = new ReferenceMixture(h, 1);
      ReferenceMixture zero = new ReferenceMixture(h, 0);
      assertThat(one.probability() + zero.probability()).isCloseTo(1, within(1e-15));
      close(Algebra.outer(one.logitRoot(), one.logitRoot()), one.fisher(), 1e-14);
    }
  }

  /** Of the Rayleigh quotients on a fine grid of directions. */
  private static double smallestAlongSomeDirection(double[][] H) {
    double least = Double.POSITIVE_INFINITY;
    for (int a = 0; a < 180; a++) {
      for (int b = 0; b < 180; b++) {
        double theta = Math.PI * a / 180;
        double phi = Math.PI * b / 180;
        double[] v = {
          Math.sin(theta) * Math.cos(phi), Math.sin(theta) * Math.sin(phi), Math.cos(theta)
        };
        double[] Hv = Algebra.multiply(H, v);
        least = Math.min(least, Hv[0] * v[0] + Hv[1] * v[1] + Hv[2] * v[2]);
      }
    }
    return least;
  }

  @ParameterizedTest
  @EnumSource
  void gradientOfNetwork(ReferenceLoss loss) {
    ReferenceNetwork network = network(ReferenceTransfer.TANH, 4, 5, 3);
    double[][] X = matrix(6, 4);
    double[][] T = new double[6][];
    for (int n = 0; n < 6; n++) {
      T[n] = new double[] {0.2, 0.5, 0.3};
    }
    double[][][] gradient = network.gradient(X, T, loss);
    for (int l = 0; l < 2; l++) {
      for (int i = 0; i < gradient[l].length; i++) {
        for (int j = 0; j < gradient[l][i].length; j++) {
          double[][][] D = unit(network, l, i, j);
          double difference =
              (network.moved(STEP, D).loss(X, T, loss) - network.moved(-STEP, D).loss(X, T, loss))
                  / (2 * STEP);
          assertThat(gradient[l][i][j]).isCloseTo(difference, within(BOUND));
        }
      }
    }
  }

  @Test
  void tangentIsTheDerivativeOfTheOutput() {
    ReferenceNetwork network = network(ReferenceTransfer.SOFTPLUS, 3, 4, 5, 2);
    double[] x = matrix(1, 3)[0];
    double[][][] D = {matrix(4, 4), matrix(5, 5), matrix(2, 6)};
    double[] v = network.tangent(network.forward(x), D);
    double[] up = network.moved(STEP, D).forward(x).output();
    double[] down = network.moved(-STEP, D).forward(x).output();
    for (int i = 0; i < v.length; i++) {
      assertThat(v[i]).isCloseTo((up[i] - down[i]) / (2 * STEP), within(1e-7));
    }
  }

  @Test
  void exactBlockIsTheHessianForPiecewiseLinearUnits() {
    // For these D_l = 0, so within a layer Gauss-Newton and Hessian are the same: the latter by
    // differences.
    ReferenceNetwork network = network(ReferenceTransfer.leakyRelu(0.1), 2, 3, 2);
    double[][] X = matrix(4, 2);
    double[][] T = matrix(4, 2);
    double[][] block = new ReferenceCurvature(network, X, ReferenceLoss.BERNOULLI).exactBlock(0);
    for (int p = 0; p < block.length; p++) {
      double[][][] D = unit(network, 0, p / 3, p % 3);
      double[][] up = network.moved(STEP, D).gradient(X, T, ReferenceLoss.BERNOULLI)[0];
      double[][] down = network.moved(-STEP, D).gradient(X, T, ReferenceLoss.BERNOULLI)[0];
      for (int q = 0; q < block.length; q++) {
        double difference = (up[q / 3][q % 3] - down[q / 3][q % 3]) / (2 * STEP);
        assertThat(block[q][p]).isCloseTo(difference, within(BOUND));
      }
    }
  }

  @Test
  void quadraticOfOneLayerIsThatOfItsBlock() {
    ReferenceNetwork network = network(ReferenceTransfer.TANH, 3, 2, 3);
    double[][] X = matrix(5, 3);
    ReferenceCurvature curvature = new ReferenceCurvature(network, X, ReferenceLoss.SOFTMAX);
    double[][][] D = {matrix(2, 4), Algebra.zeros(3, 3)};
    double[] flat = new double[8];
    for (int p = 0; p < 8; p++) {
      flat[p] = D[0][p / 4][p % 4];
    }
    double[] product = Algebra.multiply(curvature.exactBlock(0), flat);
    double wanted = 0;
    for (int p = 0; p < 8; p++) {
      wanted += flat[p] * product[p];
    }
    assertThat(curvature.quadratic(D)).isCloseTo(wanted, within(1e-13));
  }

  @Test
  void inverse() {
    double[][] A = matrix(7, 7);
    close(Algebra.multiply(A, Algebra.inverse(A)), Algebra.identity(7), 1e-12);
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

  private double[][] matrix(int rows, int columns) {
    double[][] A = Algebra.zeros(rows, columns);
    for (double[] row : A) {
      for (int j = 0; j < columns; j++) {
        row[j] = 2 * random.nextDouble() - 1;
      }
    }
    return A;
  }

  private static double[][][] unit(ReferenceNetwork network, int layer, int i, int j) {
    double[][][] D = new double[network.layers()][][];
    for (int l = 0; l < D.length; l++) {
      D[l] = Algebra.zeros(network.weights()[l].length, network.weights()[l][0].length);
    }
    D[layer][i][j] = 1;
    return D;
  }

  private static double[] moved(double[] h, int i, double step) {
    double[] moved = h.clone();
    moved[i] += step;
    return moved;
  }

  private static void close(double[][] got, double[][] wanted, double bound) {
    assertThat(Algebra.largest(Algebra.combine(1, got, -1, wanted))).isLessThan(bound);
  }
}
