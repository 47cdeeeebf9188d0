package dev.krongauss.optim;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Check;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Root;
import dev.krongauss.kernel.StackedGram;
import dev.krongauss.kernel.Subsample;
import dev.krongauss.kernel.argument.Link;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.kernel.operations.Passes;
import dev.krongauss.model.LayerTrace;
import dev.krongauss.model.LossFunction;
import dev.krongauss.model.Model;
import java.util.ArrayList;
import java.util.List;

/**
 * The exact Gauss-Newton matrix in the space of the layers' directions, C_ij = E[v_iᵀ H_L v_j] with
 * v_j = J Δ_j, where Δ_j moves layer j alone; on a part of the batch ({@link Subsample}).
 *
 * <p>All directions go through the network as one stacked pass: behind layer l there are l chunks
 * of n rows, chunk j of direction j. H_L v of all of them is one call of the loss, whose h and t
 * are stacked L times.
 */
final class SampledCurvature implements AutoCloseable {
  private final Model model;
  private final LossFunction lossFunction;
  private final LossFunction.OnDevice loss;
  private final Stream stream;
  private final Passes passes;
  private final Subsample subsample;
  private final StackedGram gram;
  private final Root root;
  private final long budgetBytes;
  private final int L;
  private boolean byRoots;
  private RootCurvature roots;
  private Arena arena;
  private int N;
  private int n;
  private final List<Matrix> inputs = new ArrayList<>();
  private final List<Matrix> derivatives = new ArrayList<>();
  private final List<Matrix> tangents = new ArrayList<>();
  private Matrix h;
  private Matrix t;
  private Matrix curved;

  /**
   * @param budgetBytes memory for square roots of losses that have no product with a vector
   */
  SampledCurvature(
      Model model,
      LossFunction lossFunction,
      LossFunction.OnDevice loss,
      Operations operations,
      Arena arena,
      long budgetBytes) {
    this.model = model;
    this.lossFunction = lossFunction;
    this.loss = loss;
    this.stream = model.device().stream();
    this.passes = operations.passes(arena);
    this.subsample = new Subsample(model.device());
    this.gram = new StackedGram(model.device());
    this.root = new Root(model.device());
    this.budgetBytes = budgetBytes;
    this.L = model.parameters().size();
  }

  /** Rows of the part of a batch of N datapoints. */
  static int rows(LossFunction loss, int N, int outputs) {
    return loss.constantHessian()
        ? Subsample.rows(N)
        : Subsample.rows(N, Subsample.leastFor(outputs));
  }

  /** Makes room for batches of N datapoints; waits if that has changed. */
  void prepare(int datapoints, int outputs) {
    if (N == datapoints) {
      return;
    }
    close();
    arena = model.device().newArena("directions of a part of the batch");
    n = rows(lossFunction, datapoints, outputs);
    for (int l = 1; l <= L; l++) {
      Matrix W = model.parameters().get(l - 1);
      inputs.add(arena.matrix(n, W.columns(), "input of layer " + l + ", part"));
      if (l < L) {
        derivatives.add(arena.matrix(n, W.rows(), "derivative of layer " + l + ", part"));
      }
      tangents.add(arena.matrix(l * n, W.rows(), "tangents of layer " + l));
    }
    h = arena.matrix(L * n, outputs, "outputs, part");
    t = arena.matrix(L * n, lossFunction.targets(outputs), "targets, part");
    curved = arena.matrix(L * n, outputs, "H v");
    loss.reserve(L * n, outputs, stream);
    N = datapoints;
  }

  /**
   * Writes C of the directions at the last forward pass.
   *
   * @param directions Δ_1 … Δ_L, shaped like the parameters
   * @param output h_L of that pass [N][d_L]
   * @param targets [N][m]
   * @param C [L][L], both halves
   */
  void measure(List<Matrix> directions, Matrix output, Matrix targets, Matrix C) {
    List<LayerTrace> traces = model.traces();
    take(traces, output, targets);
    List<Link.Tangents> links = new ArrayList<>();
    for (int l = 0; l < L; l++) {
      links.add(
          new Link.Tangents(
              inputs.get(l),
              directions.get(l),
              l == 0 ? null : tangents.get(l - 1),
              traces.get(l).weights(),
              l + 1 == L ? null : derivatives.get(l),
              tangents.get(l)));
    }
    passes.tangents(stream, links);
    Matrix v = tangents.get(L - 1);
    curve(v);
    gram.gram(stream, v, curved, L, C);
  }

  /** The part's rows of everything that the pass and the loss need. */
  private void take(List<LayerTrace> traces, Matrix output, Matrix targets) {
    Check.that(
        traces.size() == L, "the model has %d traces for %d layers of weights", traces.size(), L);
    List<Matrix> from = new ArrayList<>();
    List<Matrix> to = new ArrayList<>(inputs);
    traces.forEach(trace -> from.add(trace.input()));
    traces.stream().limit(L - 1).forEach(trace -> from.add(trace.derivative()));
    to.addAll(derivatives);
    from.addAll(List.of(output, targets));
    to.addAll(List.of(h, t));
    subsample.take(stream, N, n, from, to);
  }

  /** H v; by square roots where the loss turns out to have no product of its own. */
  private void curve(Matrix v) {
    if (!byRoots) {
      try {
        loss.quadraticVector(h, t, v, curved, stream);
        return;
      } catch (UnsupportedOperationException e) {
        byRoots = lossFunction.rank(h.columns()) > 0;
        if (!byRoots) {
          throw new IllegalArgumentException(
              ("loss '%s' has neither quadraticVector nor a square root, of which one step length a"
                      + " layer needs one; give it one, or build the optimiser with scalarStep()")
                  .formatted(lossFunction.name()),
              e);
        }
      }
    }
    if (roots == null) {
      int K = lossFunction.rank(h.columns());
      roots = new RootCurvature(arena, root, loss, n, h.columns(), K, budgetBytes);
    }
    roots.apply(h, t, n, v, curved, stream);
  }

  @Override
  public void close() {
    if (arena != null) {
      if (!stream.isClosed()) {
        stream.synchronize();
      }
      arena.close();
      arena = null;
      roots = null;
    }
    N = 0; // says above that the memory is there
    inputs.clear();
    derivatives.clear();
    tangents.clear();
  }
}
