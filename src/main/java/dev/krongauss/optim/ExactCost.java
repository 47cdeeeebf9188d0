package dev.krongauss.optim;

import dev.krongauss.curvature.ExactMemory;
import dev.krongauss.curvature.ExactSpace;

/**
 * What an exact update costs beside one by KFRA, amortised over its refreshes as in {@link
 * MethodChoice}, in operations of passes through thin layers.
 *
 * <p>Per layer of d_i inputs and d_o outputs, n = N K in sample and P in parameter space, r
 * refinements: passes (12 + 8 (r + 1)) N d_i d_o (two forward and two backward passes; for each
 * solution a tangent and a backward pass); square roots 2 N K d_i d_o but for the first layer; the
 * matrix N K P (P + 1) from rows of the Jacobian, or (N K)² (d_i + d_o) from Grams. Then n³ for
 * Cholesky and the inverse, of which the ladder's first rung alone is reckoned, and 2 n² for each
 * of r + 2 products with the inverse.
 *
 * <p>Operations of the matrix and its inverse count a quarter, since large products run faster than
 * thin layers; and each update has a {@linkplain #FIXED fixed part}. Both were fitted to times of
 * SoftCUDA on two cores ({@code bench.update.ExactUpdates}), networks of 26 to 1,021 weights. Six
 * of seven ratios are predicted to a factor of 1.7; that of 1-30-30-1 with 1,000 rows is five times
 * too high; the choice was right for all of them. None were taken on a GPU.
 */
final class ExactCost {
  /** What launches and the host cost of any update, as operations. */
  static final double FIXED = 1e6;

  /** What an operation of a large product costs of one in a pass. */
  static final double LARGE = 0.25;

  private ExactCost() {}

  /**
   * An exact update.
   *
   * @param space not {@link ExactSpace#SMALLER}
   * @param widths d_0 … d_L
   * @param N datapoints of a batch
   * @param K residuals of a datapoint
   * @param refinements corrections by the residual
   */
  static double exact(ExactSpace space, int[] widths, double N, double K, int refinements) {
    double P = ExactMemory.parameters(widths);
    boolean sample = space == ExactSpace.SAMPLE;
    double n = sample ? N * K : P;
    double large = n * n * n + (sample ? 0 : N * K * P * (P + 1));
    double sum = FIXED + (refinements + 2) * 2 * n * n;
    for (int l = 1; l < widths.length; l++) {
      double i = widths[l - 1];
      double o = widths[l];
      sum += (12 + 8 * (refinements + 1)) * N * i * o;
      sum += l > 1 ? 2 * N * K * i * o : 0;
      large += sample ? n * n * (i + o) : 0;
    }
    return sum + LARGE * large;
  }

  /** An update by KFRA: the operations of {@link MethodChoice#update}, and its G. */
  static double kfra(int[] widths, int N, boolean diagonalTop, int refreshEvery) {
    return FIXED
        + MethodChoice.update(widths, N, diagonalTop, refreshEvery)
        + MethodChoice.kfra(widths, N, diagonalTop) / refreshEvery;
  }
}
