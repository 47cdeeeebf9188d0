package dev.krongauss.optim;

import dev.krongauss.curvature.ExactMemory;
import dev.krongauss.curvature.ExactSpace;

/**
 * What an exact update costs beside one by KFRA, amortised over its refreshes as in {@link
 * MethodChoice}, in operations of passes through thin layers.
 *
 * <p>Per layer of d_i inputs and d_o outputs, n = N K in sample and P in parameter space: passes 28
 * N d_i d_o (two forward and two backward passes, and a tangent and a backward pass in double for
 * each of two products with the matrix, which are mostly enough, whatever {@code refinements}
 * allows); square roots 2 N K d_i d_o but for the first layer; the matrix N K P (P + 1) from rows
 * of the Jacobian, or (N K)² (d_i + d_o) from Grams; and n³ for Cholesky, of which the first
 * damping alone is reckoned.
 *
 * <p>Operations of the matrix and of Cholesky count less, since large products run faster than thin
 * layers; and each update has a fixed part. All were fitted to times of SoftCUDA on two cores with
 * nothing beside it ({@code bench.update.ExactUpdates}), networks of 26 to 1,750 weights: the
 * ratios are predicted to a factor of 1.27, and so they are chosen by. None were taken on a GPU.
 */
final class ExactCost {
  /** What launches and the host cost of an update by KFRA, as operations. */
  static final double FIXED_KFRA = 2e6;

  /** Of an exact one. */
  static final double FIXED_EXACT = 3e6;

  /** What an operation of the matrix costs of one in a pass. */
  static final double MATRIX = 0.04;

  /** What an operation of n³ costs of one in a pass. */
  static final double CHOLESKY = 0.02;

  /** Passes of an update, as products of a layer's weights with N rows, two operations each. */
  private static final double PASSES = 28;

  private ExactCost() {}

  /**
   * An exact update.
   *
   * @param space not {@link ExactSpace#SMALLER}
   * @param widths d_0 … d_L
   * @param N datapoints of a batch
   * @param K residuals of a datapoint
   */
  static double exact(ExactSpace space, int[] widths, double N, double K) {
    double P = ExactMemory.parameters(widths);
    boolean sample = space == ExactSpace.SAMPLE;
    double n = sample ? N * K : P;
    double matrix = sample ? 0 : N * K * P * (P + 1);
    double sum = FIXED_EXACT + CHOLESKY * n * n * n;
    for (int l = 1; l < widths.length; l++) {
      double i = widths[l - 1];
      double o = widths[l];
      sum += PASSES * N * i * o + (l > 1 ? 2 * N * K * i * o : 0);
      matrix += sample ? n * n * (i + o) : 0;
    }
    return sum + MATRIX * matrix;
  }

  /** An update by KFRA: the operations of {@link MethodChoice#update}, and its G. */
  static double kfra(int[] widths, int N, boolean diagonalTop, int refreshEvery) {
    return FIXED_KFRA
        + MethodChoice.update(widths, N, diagonalTop, refreshEvery)
        + MethodChoice.kfra(widths, N, diagonalTop) / refreshEvery;
  }
}
