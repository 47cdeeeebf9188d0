package dev.krongauss.optim;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Check;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Coefficients;
import dev.krongauss.kernel.Root;
import dev.krongauss.kernel.StackedGram;
import dev.krongauss.kernel.Subsample;
import dev.krongauss.kernel.argument.Link;
import dev.krongauss.kernel.argument.Part;
import dev.krongauss.kernel.operations.FusedLoss;
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
 * are stacked L times; or a {@link FusedLoss} takes it along as C is summed, and the decision too.
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
  private final Buffer arrived;
  private boolean fused;
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
    this.passes =
        operations.passes(
            arena, model.parameters().stream().mapToInt(W -> W.columns() - 1).toArray());
    this.subsample = new Subsample(model.device());
    this.gram = new StackedGram(model.device());
    this.root = new Root(model.device());
    this.budgetBytes = budgetBytes;
    this.L = model.parameters().size();
    this.arrived = arena.ints(1, "counter of the inner products");
  }

  /** Of an update's model, with its options. */
  static SampledCurvature of(UpdateMemory update, LossFunction lossFunction) {
    return new SampledCurvature(
        update.model(),
        lossFunction,
        update.loss(),
        update.options().operations(update.model().device()),
        update.arena(),
        update.options().budgetBytes);
  }

  /** Rows of the part of a batch of N datapoints. */
  static int rows(LossFunction loss, int N, int outputs) {
    return loss.constantHessian()
        ? Subsample.rows(N)
        : Subsample.rows(N, Subsample.leastFor(outputs));
  }

  /** Makes room for batches of N datapoints; waits if that has changed. */
  void prepare(int datapoints, int outputs) {
    boolean fuses = lossFunction.fuses(outputs);
    prepare(datapoints, rows(lossFunction, datapoints, outputs), outputs, fuses);
  }

  /** Makes room for the first {@code part} rows of a chunk; waits if that has changed. */
  void prepareChunk(int part, int outputs) {
    prepare(part, part, outputs, false);
  }

  private void prepare(int datapoints, int part, int outputs, boolean fuses) {
    if (N == datapoints && n == part) {
      return;
    }
    close();
    arena = model.device().newArena("directions of a part of the batch");
    n = part;
    for (int l = 1; l <= L; l++) {
      Matrix W = model.parameters().get(l - 1);
      inputs.add(arena.matrix(n, W.columns(), "input of layer " + l + ", part"));
      if (l < L) {
        derivatives.add(arena.matrix(n, W.rows(), "derivative of layer " + l + ", part"));
      }
      tangents.add(arena.matrix(l * n, W.rows(), "tangents of layer " + l));
    }
    fused = fuses;
    h = arena.matrix(fused ? n : L * n, outputs, "outputs, part");
    if (!fused) {
      t = arena.matrix(L * n, lossFunction.targets(outputs), "targets, part");
      curved = arena.matrix(L * n, outputs, "H v");
      loss.reserve(L * n, outputs, stream);
    }
    N = datapoints;
  }

  /**
   * What {@link #push} needs of the last forward pass, to be taken before.
   *
   * @param output h_L of that pass [N][d_L]
   * @param targets [N][m]
   */
  Part part(Matrix output, Matrix targets) {
    return part(model.traces(), N, output, targets);
  }

  /**
   * Takes the part's rows of a chunk while the model's last pass is the chunk's own.
   *
   * @param output h_L of the chunk
   */
  void takeChunk(Matrix output, Matrix targets) {
    subsample.take(stream, part(model.traces(), n, output.rows(0, n), targets.rows(0, n)));
  }

  /** Writes C of the directions at the pass that {@link #takeChunk} was told of. */
  void measure(List<Matrix> directions, Matrix C) {
    push(directions);
    Matrix v = tangents.get(L - 1);
    curve(v);
    gram.gram(stream, v, curved, L, C);
  }

  /**
   * Pushes the directions through the network at the pass whose part was taken.
   *
   * @param directions Δ_1 … Δ_L, shaped like the parameters
   */
  void push(List<Matrix> directions) {
    List<Matrix> W = model.parameters();
    List<Link.Tangents> links = new ArrayList<>();
    for (int l = 0; l < L; l++) {
      links.add(
          new Link.Tangents(
              inputs.get(l),
              directions.get(l),
              l == 0 ? null : tangents.get(l - 1),
              W.get(l),
              l + 1 == L ? null : derivatives.get(l),
              tangents.get(l)));
    }
    passes.tangents(stream, links);
  }

  /** Writes C of the directions last pushed, both halves, and decides on the update by it. */
  void decide(Coefficients.Decision decision) {
    Matrix v = tangents.get(L - 1);
    if (fused) {
      ((FusedLoss) loss).decide(h, v, arrived.pointer(), decision, stream);
    } else {
      curve(v);
      gram.decide(stream, v, curved, arrived.pointer(), decision);
    }
  }

  /** The part's rows of everything that the pass and the loss need. */
  private Part part(List<LayerTrace> traces, int of, Matrix output, Matrix targets) {
    Check.that(
        traces.size() == L, "the model has %d traces for %d layers of weights", traces.size(), L);
    List<Matrix> from = new ArrayList<>();
    List<Matrix> to = new ArrayList<>(inputs);
    traces.forEach(trace -> from.add(trace.input().rows(0, of)));
    traces.stream().limit(L - 1).forEach(trace -> from.add(trace.derivative().rows(0, of)));
    to.addAll(derivatives);
    from.add(output);
    to.add(h);
    if (!fused) {
      from.add(targets);
      to.add(t);
    }
    return new Part(of, n, from, to);
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
