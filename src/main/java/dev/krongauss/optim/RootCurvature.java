package dev.krongauss.optim;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Root;
import dev.krongauss.model.LossFunction;

/**
 * H v of stacked changes of the outputs by the square roots of a loss, for losses without {@link
 * LossFunction.OnDevice#quadraticVector}: C_n (C_nᵀ v), chunk by chunk of datapoints, so that no
 * more roots are held than fit the budget.
 */
final class RootCurvature {
  private final LossFunction.OnDevice loss;
  private final Root root;
  private final int rank;
  private final int chunk;
  private final Buffer memory;

  /**
   * @param n datapoints
   * @param outputs d_L
   * @param rank K, at least 1
   */
  RootCurvature(
      Arena arena,
      Root root,
      LossFunction.OnDevice loss,
      int n,
      int outputs,
      int rank,
      long budgetBytes) {
    long floats = (long) rank * Matrix.paddedStride(outputs);
    this.loss = loss;
    this.root = root;
    this.rank = rank;
    this.chunk = (int) Math.max(1, Math.min(n, budgetBytes / (4 * floats)));
    this.memory = arena.floats(chunk * floats, "square roots of a part of the batch");
  }

  /**
   * Writes H v.
   *
   * @param h {@code [m n][d]}, whose first n rows say all
   * @param t {@code [m n][targets]}, likewise
   * @param n datapoints
   * @param v {@code [m n][d]}, m changes of the outputs of each datapoint
   * @param product {@code [m n][d]}
   */
  void apply(Matrix h, Matrix t, int n, Matrix v, Matrix product, Stream s) {
    int d = h.columns();
    for (int first = 0; first < n; first += chunk) {
      int rows = Math.min(chunk, n - first);
      Matrix C = Matrix.wrap(memory.pointer(), rows * rank, d, Matrix.paddedStride(d));
      loss.squareRoot(h.rows(first, rows), t.rows(first, rows), C, s);
      for (int from = first; from < v.rows(); from += n) {
        root.product(s, C, v.rows(from, rows), product.rows(from, rows), 0);
      }
    }
  }
}
