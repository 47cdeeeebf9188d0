package dev.krongauss.curvature;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Check;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.RowKronecker;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.model.LayerTrace;
import dev.krongauss.model.Model;
import java.util.List;

/**
 * Rows cᵀ J of a batch for given c in the outputs, J = ∂h_L/∂θ: those of all layers side by side,
 * each layer's weights row by row. Of some datapoints at a time.
 */
public final class JacobianRows {
  private final Model model;
  private final SquareRootChain chain;
  private final RowKronecker kernel;
  private final Matrix rows;

  /**
   * Takes memory from {@code arena}.
   *
   * @param count the most rows at once
   */
  public JacobianRows(Arena arena, Operations operations, Model model, int count) {
    List<Matrix> W = model.parameters();
    int P = Check.count(ExactMemory.parameters(ExactMemory.widths(W)), "weights of a network");
    this.model = model;
    this.chain = new SquareRootChain(arena, operations, W, count);
    this.kernel = new RowKronecker(model.device());
    this.rows = arena.matrix(count, P, "rows of the Jacobian");
  }

  /**
   * The rows of datapoints of the model's last forward pass.
   *
   * @param top c of these, [n K][d_L], row k K + i the i-th of the k-th datapoint
   * @param first the first of them
   * @param n their number
   * @return [n K][P], valid until the next call
   */
  public Matrix of(Matrix top, int first, int n, Stream s) {
    List<LayerTrace> traces = model.traces();
    List<Matrix> C = chain.of(top, traces, first, n, s);
    long place = rows.pointer();
    for (int l = 0; l < C.size(); l++) {
      Matrix a = traces.get(l).input().rows(first, n);
      int columns = C.get(l).columns() * a.columns();
      kernel.rows(s, C.get(l), a, Matrix.wrap(place, top.rows(), columns, rows.stride()));
      place += 4L * columns;
    }
    return rows.rows(0, top.rows());
  }
}
