package dev.krongauss.precondition;

import static dev.krongauss.testing.Compare.bound;
import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.precondition.PositionBatch.Padding;
import dev.krongauss.reference.Algebra;
import dev.krongauss.testing.Compare;
import dev.krongauss.testing.DeviceBatch;
import dev.krongauss.testing.Problem;
import dev.krongauss.testing.TestDevice;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Deep linear networks with a squared loss: y = B W a at each position. Expand is the exact block
 * of W for losses at every position, reduce for a loss of the mean over positions; and with the
 * exact block a step along the direction of the objective's own gradient is Newton's.
 */
final class SharingTheoremTest {
  private static final long SEED = 636;
  private static final int I = 4;
  private static final int H = 3;
  private static final int O = 5;
  private static final int N = 9;
  private static final int T = 6;

  private final Device device = TestDevice.get();
  private final Stream s = device.stream();
  private final SplittableRandom random = new SplittableRandom(SEED);
  private final double[][] B = Problem.random(O, H, random);
  private final double[][] a = Problem.random(N * T, I, random);

  @ParameterizedTest
  @CsvSource({
    "EXPAND, NONE, false",
    "EXPAND, NONE, true",
    "EXPAND, LENGTHS, false",
    "EXPAND, LENGTHS, true",
    "EXPAND, WEIGHTS, false",
    "REDUCE, NONE, false",
    "REDUCE, LENGTHS, false",
    "REDUCE, MASK, false"
  })
  void theBlockOfADeepLinearNetworkIsExact(Sharing sharing, Padding padding, boolean summed) {
    for (Operations.Mode mode : Problem.modes()) {
      try (Arena arena = device.newArena("theorem");
          Preconditioner p =
              Preconditioner.on(device)
                  .layer(I, H)
                  .shared(T, sharing)
                  .operations(mode)
                  .gamma(1e-4)
                  .build()) {
        PositionBatch batch = new PositionBatch(arena, device, N, T, padding, random);
        Positions positions = summed ? batch.positions.summed() : batch.positions;
        Matrix activations = DeviceBatch.foreign(arena, device, a);
        Matrix roots = DeviceBatch.foreign(arena, device, roots(batch, sharing));
        p.positions().accumulate(0, activations, roots, positions, s);
        double[][] Q = symmetric(p.factors().Q(0));
        double[][] G = symmetric(p.factors().G(0));
        double[][] wanted = block(batch, sharing, summed);
        double[][] got = Algebra.kronecker(G, Q);
        double worst = bound(2, N * T * O + 40, Algebra.trace(wanted));
        Compare.matrix("block", SEED, wanted, DeviceBatch.compact(got), worst);
        newton(p, arena, batch, sharing, summed, wanted);
      }
    }
  }

  /** ∂(loss)/∂h of O columns: Bᵀ, or its share in the mean over positions. */
  private double[][] roots(PositionBatch batch, Sharing sharing) {
    double[][] C = new double[N * T * O][];
    for (int row = 0; row < N * T; row++) {
      double v = batch.v[row / T][row % T];
      double share = sharing == Sharing.EXPAND ? 1 : v / Math.max(batch.weights(row / T), 1e-9);
      for (int k = 0; k < O; k++) {
        C[row * O + k] = new double[H];
        for (int j = 0; j < H; j++) {
          C[row * O + k][j] = share * B[k][j];
        }
      }
    }
    return C;
  }

  /** The Gauss-Newton block of W, by the Jacobian of every output; vec W by rows. */
  private double[][] block(PositionBatch batch, Sharing sharing, boolean summed) {
    double[][] block = Algebra.zeros(H * I, H * I);
    double D = sharing == Sharing.REDUCE || summed ? batch.V() : batch.Z();
    for (int n = 0; n < N; n++) {
      double[][] mean = Algebra.zeros(O, H * I);
      for (int t = 0; t < T; t++) {
        double[][] J = jacobian(a[n * T + t]);
        if (sharing == Sharing.EXPAND) {
          double[][] JJ = Algebra.multiply(Algebra.transpose(J), J);
          block = Algebra.combine(1, block, batch.v[n][t] / D, JJ);
        } else if (batch.weights(n) > 0) {
          mean = Algebra.combine(1, mean, batch.v[n][t] / batch.weights(n), J);
        }
      }
      block = Algebra.combine(1, block, 1 / D, Algebra.multiply(Algebra.transpose(mean), mean));
    }
    return block;
  }

  private double[][] jacobian(double[] input) {
    double[][] J = new double[O][H * I];
    for (int k = 0; k < O; k++) {
      for (int j = 0; j < H; j++) {
        for (int i = 0; i < I; i++) {
          J[k][j * I + i] = B[k][j] * input[i];
        }
      }
    }
    return J;
  }

  /**
   * From W = 0 and targets of a W* the gradient of the objective is −(block) vec W*, so that the
   * direction is W*, if gradient and factors are of the same objective.
   */
  private void newton(
      Preconditioner p,
      Arena arena,
      PositionBatch batch,
      Sharing sharing,
      boolean summed,
      double[][] block) {
    double[][] wanted = Problem.random(H, I, random);
    double[][] gradient = new double[H][I];
    for (int r = 0; r < H * I; r++) {
      for (int c = 0; c < H * I; c++) {
        gradient[r / I][r % I] -= block[r][c] * wanted[c / I][c % I];
      }
    }
    p.refresh(s);
    assertThat(p.failure(s)).as("%s %s", sharing, summed).isEmpty();
    Matrix direction = arena.matrix(H, I, "direction");
    p.apply(0, DeviceBatch.foreign(arena, device, gradient), direction, s);
    // damping γ = 1e-4 beside eigenvalues of 0.05 and more: below 1 %, where a factor T would be
    // 500 %
    double worst = 0.02 * Algebra.largest(wanted);
    Compare.matrix("Newton step", SEED, wanted, direction.download(s), worst);
  }

  private double[][] symmetric(Matrix lower) {
    double[][] S = Algebra.matrix(lower.download(s), lower.rows(), lower.columns());
    for (int i = 0; i < S.length; i++) {
      for (int j = 0; j < i; j++) {
        S[j][i] = S[i][j];
      }
    }
    return S;
  }
}
