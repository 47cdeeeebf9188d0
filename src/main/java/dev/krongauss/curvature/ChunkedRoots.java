package dev.krongauss.curvature;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.model.LayerTrace;
import dev.krongauss.model.LossFunction;
import java.util.List;

/**
 * E[C Cᵀ] of a chunk's square roots, KFLR's or KFAC's, which go back through the layers in pieces
 * of the budget.
 */
final class ChunkedRoots {
  private final Operations operations;
  private final Method method;
  private final LossFunction lossFunction;
  private final LossFunction.OnDevice loss;
  private final List<Matrix> weights;
  private final int most; // datapoints of a piece
  private final List<Buffer> sides;

  /**
   * Takes the memory of a piece.
   *
   * @param rows of the longest chunk
   */
  ChunkedRoots(
      Operations operations,
      Method method,
      LossFunction lossFunction,
      LossFunction.OnDevice loss,
      List<Matrix> weights,
      Arena arena,
      int rows,
      long budgetBytes) {
    this.operations = operations;
    this.method = method;
    this.lossFunction = lossFunction;
    this.loss = loss;
    this.weights = weights;
    int widest = weights.stream().mapToInt(W -> Matrix.paddedStride(W.rows())).max().orElseThrow();
    int K = FactorMemory.columns(method, lossFunction, weights.get(weights.size() - 1).rows());
    most = FactorMemory.chunk(method, rows, K, widest, budgetBytes);
    long floats = (long) most * K * widest;
    sides = List.of(arena.floats(floats, "C, one side"), arena.floats(floats, "C, other side"));
  }

  /**
   * Writes the means of the model's last pass.
   *
   * @param h output {@code [n][d_L]}
   * @param t targets {@code [n][m]}
   * @param seed of sampled targets
   * @param stepPointer as for {@link FactorEngine#enter}
   * @param means of the lowest layers, those that are wanted
   */
  void run(
      List<LayerTrace> traces,
      Matrix h,
      Matrix t,
      long seed,
      long stepPointer,
      List<Matrix> means,
      Stream s) {
    int K = FactorMemory.columns(method, lossFunction, h.columns());
    for (int first = 0; !means.isEmpty() && first < h.rows(); first += most) {
      int n = Math.min(most, h.rows() - first);
      int side = 0;
      Matrix C = squareRoot(side, n * K, h.columns());
      if (method.start() == Method.Start.SAMPLED_GRADIENT) {
        loss.sampledGradient(h, t, seed, stepPointer, C, s);
      } else {
        loss.squareRoot(h.rows(first, n), t.rows(first, n), C, s);
      }
      for (int l = traces.size() - 1; l >= 0; l--) {
        if (l < means.size()) {
          operations.gram(s, C, 1f / h.rows(), first == 0 ? 0 : 1, means.get(l));
        }
        if (l > 0) {
          side = 1 - side;
          Matrix derivative = traces.get(l - 1).derivative().rows(first, n);
          Matrix below = squareRoot(side, n * K, derivative.columns());
          operations.lowrank(s, C, weights.get(l), derivative, K, below);
          C = below;
        }
      }
    }
  }

  private Matrix squareRoot(int side, int n, int columns) {
    int stride = Matrix.paddedStride(columns);
    return Matrix.wrap(sides.get(side).pointer(), n, columns, stride);
  }
}
