package dev.krongauss.net;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.kernel.Loss.Kind;
import dev.krongauss.kernel.LossRoot;
import dev.krongauss.reference.Algebra;
import dev.krongauss.reference.ReferenceLoss;
import dev.krongauss.testing.Compare;
import dev.krongauss.testing.DeviceBatch;
import dev.krongauss.testing.Problem;
import dev.krongauss.testing.TestDevice;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Curvature from square roots does not depend on how many of them are in memory at a time. */
final class SquareRootsTest {
  private static final int D = 5;
  private static final long SEED = 61;

  /** Bytes of the roots of one datapoint: five rows of 32 floats. */
  private static final long ONE = 4 * 32 * D;

  @ParameterizedTest(name = "{0} datapoints at a time")
  @ValueSource(ints = {0, 1, 3, 100})
  void chunksAddUp(int datapoints) {
    Device device = TestDevice.get();
    LossRoot root = new LossRoot(device);
    SquareRoots.Source source = (h, t, C, stream) -> root.squareRoot(stream, Kind.SOFTMAX, h, C);
    try (SquareRoots roots = new SquareRoots(device, source, datapoints * ONE)) {
      for (int N : new int[] {4, 7, 20, 5}) { // it grows in between, and then holds too much
        check(device, roots, N);
      }
    }
  }

  private static void check(Device device, SquareRoots roots, int N) {
    SplittableRandom random = new SplittableRandom(SEED + N);
    double[][] H = Problem.random(N, D, random);
    double[][] V = Problem.random(N, D, random);
    try (Arena arena = device.newArena("square roots test")) {
      Matrix h = DeviceBatch.foreign(arena, device, H);
      Matrix v = DeviceBatch.foreign(arena, device, V);
      Matrix mean = arena.matrix(D, D, "mean");
      Matrix product = arena.matrix(N, D, "product");
      Buffer quadratic = arena.floats(N, "quadratic");
      roots.mean(h, h, D, mean, device.stream());
      roots.product(h, h, D, v, product, quadratic.pointer(), device.stream());
      double[][] wantedMean = Algebra.zeros(D, D);
      double[][] wanted = new double[N][];
      double[][] squares = new double[1][N];
      for (int n = 0; n < N; n++) {
        double[][] A = ReferenceLoss.SOFTMAX.hessian(H[n]);
        wantedMean = Algebra.combine(1, wantedMean, 1.0 / N, A);
        wanted[n] = Algebra.multiply(A, V[n]);
        for (int j = 0; j < D; j++) {
          squares[0][n] += wanted[n][j] * V[n][j];
        }
      }
      // 40 roundings in each element of C (LossHessianCase), twice, and sums over K, D and N
      double bound = Compare.bound(2, 80 + 2 * D + N, 1);
      Compare.lower("mean", SEED, wantedMean, mean.download(device.stream()), bound);
      Compare.matrix("A v", SEED, wanted, product.download(device.stream()), bound);
      float[] values = quadratic.downloadFloats(N, device.stream());
      Compare.matrix("vAv", SEED, squares, values, bound * D);
    }
  }
}
