package dev.krongauss.optim;

import dev.krongauss.curvature.ExactMemory;
import dev.krongauss.curvature.Method;
import dev.krongauss.device.Matrix;
import dev.krongauss.model.LossFunction;
import dev.krongauss.model.Model;
import java.util.Locale;

/**
 * The rule of {@link GaussNewton#auto} among factors, where {@link ExactChoice} does not take the
 * exact step: KFLR, whose G is exact, where it costs little, else KFRA.
 *
 * <p>KFLR is taken if both hold:
 *
 * <ul>
 *   <li>memory: C of the whole batch, 2 · 4 · N · K · (widest layer) bytes, fits the budget, so
 *       that a refresh passes once;
 *   <li>work: with its G, computed once every T3 updates, an update takes at most half as many
 *       operations again as with KFRA.
 * </ul>
 *
 * Operations per layer of the paper's algorithm, as {@code scalarStep} has it, d_i inputs and d_o
 * outputs: passes 10 N d_i d_o (forward, twice that backward, forward-mode twice), solve 2 d_i² d_o
 * + 2 d_i d_o²; at a refresh Q N d_i², inverses d_i³ + d_o³, G of KFRA 2 d_o² d_i + d_o d_i² + N
 * d_i² (but for the first layer), G of KFLR N K d_o² and but for the first layer 2 N K d_i d_o.
 * Where G of the last layer is diagonal the terms of its d_o² and d_o³ are left out.
 *
 * @param method KFLR or KFRA
 * @param reason why, with the numbers
 */
record MethodChoice(Method method, String reason) {
  /** Operations that KFLR may add, over those of an update with KFRA. */
  static final double GREATEST_SHARE = 0.5;

  /** For a model, its loss and N datapoints a batch. */
  static MethodChoice of(Model model, LossFunction loss, int N, GaussNewtonOptions options) {
    return of(ExactMemory.widths(model.parameters()), N, loss, options);
  }

  /** The same for widths d_0 … d_L. */
  static MethodChoice of(int[] widths, int N, LossFunction loss, GaussNewtonOptions options) {
    int K = loss.rank(widths[widths.length - 1]);
    if (K == 0) {
      return new MethodChoice(
          Method.KFRA, "kfra: loss '" + loss.name() + "' gives no square root, which KFLR needs");
    }
    boolean diagonalTop = options.diagonalTop(loss, Method.KFLR);
    return of(widths, N, K, diagonalTop, options.usualRefresh(), options.budgetBytes);
  }

  /**
   * @param widths d_0 … d_L
   * @param K columns of a datapoint's square root
   * @param diagonalTop whether G of the last layer is diagonal
   */
  static MethodChoice of(
      int[] widths, int N, int K, boolean diagonalTop, int refreshEvery, long budgetBytes) {
    double bytes = bytes(widths, N, K);
    double share = share(widths, N, K, diagonalTop, refreshEvery);
    boolean fits = bytes <= budgetBytes;
    boolean cheap = share <= GREATEST_SHARE;
    String reason =
        String.format(
            Locale.ROOT,
            "%s: with N = %d datapoints of K = %d columns, KFLR would add %.3g of the operations of an"
                + " update (at most %.3g), and its square roots take %.4g MiB (budget %.4g MiB)",
            fits && cheap ? "kflr" : "kfra",
            N,
            K,
            share,
            GREATEST_SHARE,
            bytes / (1 << 20),
            budgetBytes / (double) (1 << 20));
    return new MethodChoice(fits && cheap ? Method.KFLR : Method.KFRA, reason);
  }

  /** Bytes of KFLR's square roots for a whole batch. */
  static double bytes(int[] widths, int N, int K) {
    int widest = 0;
    for (int l = 1; l < widths.length; l++) {
      widest = Math.max(widest, Matrix.paddedStride(widths[l]));
    }
    return 2.0 * 4 * N * K * widest;
  }

  /** Operations that KFLR's G adds to an update with KFRA's, over all of those. */
  static double share(int[] widths, int N, int K, boolean diagonalTop, int refreshEvery) {
    double kflr = 0;
    for (int l = 1; l < widths.length; l++) {
      double i = widths[l - 1];
      double o = widths[l];
      kflr += full(widths, l, diagonalTop) * N * K * o * o;
      kflr += l > 1 ? 2.0 * N * K * i * o : 0;
    }
    double kfra = kfra(widths, N, diagonalTop);
    double update = update(widths, N, diagonalTop, refreshEvery);
    return (kflr - kfra) / refreshEvery / (update + kfra / refreshEvery);
  }

  /** Operations of an update without G. */
  static double update(int[] widths, int N, boolean diagonalTop, int refreshEvery) {
    double update = 0;
    for (int l = 1; l < widths.length; l++) {
      double i = widths[l - 1];
      double o = widths[l];
      double full = full(widths, l, diagonalTop);
      update += 10 * N * i * o + 2 * i * i * o + full * 2 * i * o * o;
      update += (N * i * i + i * i * i + full * o * o * o) / refreshEvery;
    }
    return update;
  }

  /** Operations of KFRA's G, once. */
  static double kfra(int[] widths, int N, boolean diagonalTop) {
    double kfra = 0;
    for (int l = 2; l < widths.length; l++) {
      double i = widths[l - 1];
      double o = widths[l];
      kfra += full(widths, l, diagonalTop) * 2 * o * o * i + o * i * i + N * i * i;
    }
    return kfra;
  }

  /** Whether a layer's G is a matrix, as a factor: 1 or 0. */
  private static double full(int[] widths, int l, boolean diagonalTop) {
    return diagonalTop && l == widths.length - 1 ? 0 : 1;
  }
}
