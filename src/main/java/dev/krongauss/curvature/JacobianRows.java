package dev.krongauss.curvature;

import dev.krongauss.device.Arena;
import dev.krongauss.device.BlasCalls;
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
  private final int stack;
  private final SquareRootChain chain;
  private final RowKronecker kernel;
  private final BlasCalls blas;
  private final Matrix rows;

  /**
   * Takes memory from {@code arena}.
   *
   * @param count the most rows at once
   * @param stack rows of the batch that are one datapoint, {@link
   *     dev.krongauss.model.LossFunction#stack}
   */
  public JacobianRows(Arena arena, Operations operations, Model model, int count, int stack) {
    List<Matrix> W = model.parameters();
    int P = Check.count(ExactMemory.parameters(ExactMemory.widths(W)), "weights of a network");
    this.model = model;
    this.stack = stack;
    this.chain =
        new SquareRootChain(
            arena, operations, W, Check.count((long) count * stack, "rows of square roots"));
    this.kernel = new RowKronecker(model.device());
    this.blas = operations.averagesGrams() ? null : model.device().blas().orElseThrow().calls();
    this.rows = arena.matrix(count, P, "rows of the Jacobian");
  }

  /**
   * The rows of datapoints of the model's last forward pass.
   *
   * @param top c of these, [n m K][d_L], m = {@code stack}: row k K + i has the i-th of row k
   * @param first the first of them
   * @param n their number
   * @return [n K][P], each the sum over the rows of a datapoint; valid until the next call
   */
  public Matrix of(Matrix top, int first, int n, Stream s) {
    List<LayerTrace> traces = model.traces();
    List<Matrix> C = chain.of(top, traces, first * stack, n * stack, s);
    int count = top.rows() / stack;
    long place = rows.pointer();
    for (int l = 0; l < C.size(); l++) {
      Matrix a = traces.get(l).input().rows(first * stack, n * stack);
      int columns = C.get(l).columns() * a.columns();
      Matrix X = Matrix.wrap(place, count, columns, rows.stride());
      if (stack == 1 && blas != null) {
        outer(s, C.get(l), a, X);
      } else if (stack == 1) {
        kernel.rows(s, C.get(l), a, X);
      } else {
        kernel.sums(s, C.get(l), a, stack, X);
      }
      place += 4L * columns;
    }
    return rows.rows(0, count);
  }

  /** By a library: one call for the k-th roots of all datapoints. */
  private void outer(Stream s, Matrix C, Matrix a, Matrix X) {
    int K = C.rows() / a.rows();
    for (int k = 0; k < K; k++) {
      blas.outer(s, every(C, k, K), a, every(X, k, K));
    }
  }

  /** Every K-th row from the k-th on. */
  private static Matrix every(Matrix M, int k, int K) {
    return Matrix.wrap(
        M.pointer() + 4L * k * M.stride(), M.rows() / K, M.columns(), K * M.stride());
  }
}
