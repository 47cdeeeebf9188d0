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
 * C of some datapoints, KFLR's square roots or KFAC's sampled gradients, on their way back through
 * the layers: C_{l-1} = b_{l-1} ∘ (W_lᵀ C_l). Never held whole, but made and taken in pieces of the
 * budget.
 */
final class SquareRoots {
  /** Who takes C of a layer of a piece. */
  interface Taker {
    /**
     * Takes it.
     *
     * @param layer from 0
     * @param C {@code [n K][d_l]}, there until the next call
     * @param first whether it is the first piece
     */
    void take(int layer, Matrix C, boolean first);
  }

  private final Operations operations;
  private final Method method;
  private final LossFunction lossFunction;
  private final LossFunction.OnDevice loss;
  private final int most; // datapoints of a piece
  private final List<Buffer> sides;

  /**
   * Takes the memory of a piece.
   *
   * @param widths d_1 … d_L
   * @param rows datapoints, at most
   */
  SquareRoots(
      Operations operations,
      Method method,
      LossFunction lossFunction,
      LossFunction.OnDevice loss,
      int[] widths,
      Arena arena,
      int rows,
      long budgetBytes) {
    this.operations = operations;
    this.method = method;
    this.lossFunction = lossFunction;
    this.loss = loss;
    int widest = 1;
    for (int d : widths) {
      widest = Math.max(widest, Matrix.paddedStride(d));
    }
    int K = FactorMemory.columns(method, lossFunction, widths[widths.length - 1]);
    most = FactorMemory.chunk(method, rows, K, widest, budgetBytes);
    long floats = (long) most * K * widest;
    sides = List.of(arena.floats(floats, "C, one side"), arena.floats(floats, "C, other side"));
  }

  /** Datapoints of a piece. */
  int most() {
    return most;
  }

  /**
   * All pieces of the model's last pass.
   *
   * @param h output {@code [n][d_L]}
   * @param t targets {@code [n][m]}
   * @param seed of sampled targets
   * @param stepPointer as for {@link FactorEngine#enter}
   * @param layers of which C is taken, the lowest
   */
  void run(
      List<LayerTrace> traces,
      Matrix h,
      Matrix t,
      long seed,
      long stepPointer,
      int layers,
      Taker taker,
      Stream s) {
    int K = FactorMemory.columns(method, lossFunction, h.columns());
    for (int first = 0; layers > 0 && first < h.rows(); first += most) {
      int n = Math.min(most, h.rows() - first);
      int side = 0;
      Matrix C = piece(side, n * K, h.columns());
      if (method.start() == Method.Start.SAMPLED_GRADIENT) {
        loss.sampledGradient(h, t, seed, stepPointer, C, s);
      } else {
        loss.squareRoot(h.rows(first, n), t.rows(first, n), C, s);
      }
      for (int l = traces.size() - 1; l >= 0; l--) {
        if (l < layers) {
          taker.take(l, C, first == 0);
        }
        if (l > 0) {
          side = 1 - side;
          Matrix derivative = traces.get(l - 1).derivative().rows(first, n);
          Matrix below = piece(side, n * K, derivative.columns());
          operations.lowrank(s, C, traces.get(l).weights(), derivative, K, below);
          C = below;
        }
      }
    }
  }

  /** One of the two buffers, which layers take in turns. */
  private Matrix piece(int side, int rows, int columns) {
    return Matrix.wrap(sides.get(side).pointer(), rows, columns, Matrix.paddedStride(columns));
  }
}
