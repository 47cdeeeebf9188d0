package dev.krongauss.curvature;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.net.Activation;
import dev.krongauss.net.Loss;
import dev.krongauss.net.Network;
import dev.krongauss.reference.Algebra;
import dev.krongauss.reference.Eigen;
import dev.krongauss.reference.ReferenceLoss;
import dev.krongauss.testing.Compare;
import dev.krongauss.testing.DeviceBatch;
import dev.krongauss.testing.Problem;
import dev.krongauss.testing.TestDevice;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The last layer's G of a confident softmax: KFRA's is KFLR's and the truth's, relative to its own
 * size, whoever computes the products, in TF32 too as far as that goes; and positive semidefinite.
 */
final class ConfidentFactorsTest {
  private static final int N = 40;

  /** Where products are computed, and to how many roundings of FP32 an element is right. */
  private enum Products {
    LIBRARY(Problem.modes().get(1), "ffma", "fp32", 0),
    PLAIN(Operations.Mode.KERNELS, "ffma", "fp32", 0),
    TENSOR(Operations.Mode.KERNELS, "tf32x3_64", "fp32", 60),
    /** Each factor has 11 bits. */
    TF32(Operations.Mode.KERNELS, "tf32x3_64", "tf32", 0x1p14);

    private final Operations.Mode mode;
    private final String tile;
    private final String curvature;
    private final double roundings;

    Products(Operations.Mode mode, String tile, String curvature, double roundings) {
      this.mode = mode;
      this.tile = tile;
      this.curvature = curvature;
      this.roundings = roundings;
    }

    void choose() {
      System.setProperty("krongauss.operations", mode.name());
      System.setProperty("krongauss.tile", tile);
      System.setProperty("krongauss.curvature", curvature);
    }
  }

  static Stream<Arguments> cases() {
    return Stream.of(Products.values())
        .flatMap(
            products ->
                IntStream.of(1, 3, 70)
                    .boxed()
                    .flatMap(
                        d ->
                            IntStream.of(0, 12, 40, 80)
                                .mapToObj(gap -> Arguments.of(products, d, gap))));
  }

  @AfterEach
  void restore() {
    System.clearProperty("krongauss.operations");
    System.clearProperty("krongauss.tile");
    System.clearProperty("krongauss.curvature");
  }

  @ParameterizedTest(name = "{0}, d = {1}, gap {2}")
  @MethodSource("cases")
  void kfraIsKflrIsTheTruth(Products products, int d, int gap) {
    products.choose();
    double[][] H = new double[N][];
    double[][] truth = Algebra.zeros(d, d);
    SplittableRandom random = new SplittableRandom(17);
    for (int n = 0; n < N; n++) {
      H[n] = Problem.random(1, d, random)[0];
      H[n][n % 5 * d / 5] = gap;
      truth = Algebra.combine(1, truth, 1.0 / N, ReferenceLoss.SOFTMAX.hessian(H[n]));
    }
    double[][] kfra = curvature(products, Method.KFRA, H);
    double[][] kflr = curvature(products, Method.KFLR, H);
    // rounding of logits, and both sums
    double bound =
        Compare.bound(1, 2 * gap + N + d + 60 + products.roundings, Algebra.largest(truth));
    for (int i = 0; i < d; i++) {
      for (int j = 0; j <= i; j++) {
        String what = String.format("[%d][%d] ", i, j);
        Compare.scalar(what + "of KFRA", 17, truth[i][j], kfra[i][j], bound);
        Compare.scalar(what + "of KFLR", 17, truth[i][j], kflr[i][j], bound);
        double apart = products == Products.TF32 ? 2 * bound : 1e-5 * Algebra.largest(truth);
        Compare.scalar(what + "of both", 17, kflr[i][j], kfra[i][j], apart);
      }
    }
    double trace = Algebra.trace(kfra);
    assertThat(trace > 0).isEqualTo(d > 1);
    double[] eigenvalues = Eigen.values(Algebra.scale(trace > 0 ? 1 / trace : 1, kfra));
    assertThat(eigenvalues[d - 1]).isGreaterThan(-(d + 16) * Compare.EPSILON);
  }

  /** A network of one layer whose outputs are its inputs, to the bit. */
  private static double[][] curvature(Products products, Method method, double[][] H) {
    int d = H[0].length;
    double[][] T = new double[H.length][d];
    float[] W = new float[d * (d + 1)];
    for (int j = 0; j < d; j++) {
      W[j * (d + 1) + j] = 1;
    }
    for (double[] t : T) {
      t[0] = 1;
    }
    try (Network network =
            Network.input(d)
                .operations(Operations.Mode.KERNELS)
                .dense(d, Activation.IDENTITY)
                .build(TestDevice.get(), 1);
        DeviceBatch batch = DeviceBatch.of(TestDevice.get(), H, T);
        FactorsFixture factors =
            new FactorsFixture(
                network, Loss.softmax(), products.mode, method, 0, FactorsFixture.AMPLE, 1)) {
      network.setWeights(new float[][] {W});
      factors.enter(batch, 1);
      return Algebra.matrix(factors.G(0), d, d);
    }
  }
}
