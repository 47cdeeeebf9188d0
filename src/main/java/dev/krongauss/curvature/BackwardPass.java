package dev.krongauss.curvature;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Hadamard;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.model.LayerTrace;
import dev.krongauss.model.LossFunction;
import java.util.ArrayList;
import java.util.List;

/**
 * The first derivatives that second derivatives are made of: δ_l = ∂E/∂h_l of every layer, and of
 * the hidden ones D_l = f''(h_l) ∘ W_{l+1}ᵀ δ_{l+1}, by which their Hessian differs from
 * Gauss-Newton's. From traces alone, so that it holds for any model.
 */
final class BackwardPass {
  private final Operations operations;
  private final Hadamard hadamard;
  private final List<Matrix> deltas = new ArrayList<>();
  private final List<Matrix> D = new ArrayList<>();
  private final Buffer values;
  private final Buffer second;

  /** Memory for the batch that the traces and the output h [N][d_L] belong to. */
  BackwardPass(
      Arena arena, Operations operations, Hadamard hadamard, List<LayerTrace> traces, Matrix h) {
    this.operations = operations;
    this.hadamard = hadamard;
    int N = h.rows();
    values = arena.floats(N, "losses");
    int widest = 1;
    for (LayerTrace trace : traces) {
      int d = trace.weights().rows();
      deltas.add(arena.matrix(N, d, "delta" + (deltas.size() + 1)));
      if (deltas.size() < traces.size()) {
        D.add(arena.matrix(N, d, "D" + deltas.size()));
        widest = Math.max(widest, d);
      }
    }
    second = arena.floats((long) N * Matrix.paddedStride(widest), "f''");
  }

  /** Bytes of the memory that the constructor takes. */
  static long bytes(List<LayerTrace> traces, int N) {
    long floats = 1; // of each datapoint
    int widest = 1;
    for (int l = 0; l < traces.size(); l++) {
      boolean hidden = l < traces.size() - 1;
      int d = traces.get(l).weights().rows();
      floats += (hidden ? 2L : 1L) * Matrix.paddedStride(d);
      widest = hidden ? Math.max(widest, d) : widest;
    }
    return 4L * N * (floats + Matrix.paddedStride(widest));
  }

  void run(LossFunction.OnDevice loss, List<LayerTrace> traces, Matrix h, Matrix t, Stream s) {
    int top = traces.size() - 1;
    loss.evaluate(h, t, deltas.get(top), values.pointer(), s);
    for (int l = top; l > 0; l--) {
      LayerTrace below = traces.get(l - 1);
      Matrix back = D.get(l - 1);
      Matrix W = traces.get(l).weights().columns(back.columns());
      operations.product(s, false, deltas.get(l), false, W, 1, 0, back);
      hadamard.product(s, back, below.derivative(), deltas.get(l - 1));
      Matrix bend =
          Matrix.wrap(
              second.pointer(), back.rows(), back.columns(), Matrix.paddedStride(back.columns()));
      below.secondDerivative(bend, s);
      hadamard.product(s, back, bend, back);
    }
  }

  /** δ_1 … δ_L, {@code [N][d_l]}. */
  List<Matrix> deltas() {
    return deltas;
  }

  /** D_l of a hidden layer, {@code [N][d_l]}; l from 0. */
  Matrix D(int layer) {
    return D.get(layer);
  }
}
