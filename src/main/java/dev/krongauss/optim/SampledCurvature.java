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
import dev.krongauss.kernel.argument.Part;
import dev.krongauss.kernel.operations.FusedLoss;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.kernel.operations.Passes;
import dev.krongauss.model.LayerTrace;
import dev.krongauss.model.LossFunction;
import dev.krongauss.model.Model;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The exact Gauss-Newton matrix in the space of the layers' directions, C_ij = E[v_iᵀ H_L v_j] with
 * v_j = J Δ_j, where Δ_j moves layer j alone; on a part of the batch ({@link Subsample}).
 *
 * <p>All directions go through the network as one stacked pass ({@link DirectionPass}). H_L v of
 * all of them is one call of the loss, whose h and t are stacked L times; or a {@link FusedLoss}
 * takes it along as C is summed, and the decision too.
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
  private int[] parts = {}; // rows of each chunk, or of the whole part
  private int pitch; // rows of a pass from one chunk to the next
  private DirectionPass pass;
  private Matrix stacked; // null where the tangents are stacked as they are
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
    if (N != datapoints) {
      int part = rows(lossFunction, datapoints, outputs);
      prepare(datapoints, part, new int[] {part}, outputs, passes, lossFunction.fuses(outputs));
    }
  }

  /** Rows of a block of passes over several chunks; 0 if they take one chunk. */
  int rowBlock() {
    return passes.rowBlock();
  }

  /**
   * Makes room for the first rows of some chunks; waits if that has changed.
   *
   * @param rows of each chunk
   * @param each rows of the pass from one chunk to the next
   * @param apart rows of all ranks' chunks in such a pass, if rows are to have the bits that they
   *     have among all of them; else 0
   */
  void prepareChunks(int[] rows, int each, int apart, int outputs) {
    int of = each * rows.length;
    if (N != Math.max(apart, of) || !Arrays.equals(parts, rows)) {
      Passes by = apart == 0 ? passes : passes.apart(apart, each);
      prepare(Math.max(apart, of), of, rows, outputs, by, false);
      pitch = each;
    }
  }

  /**
   * @param of rows of a pass
   */
  private void prepare(int datapoints, int of, int[] rows, int outputs, Passes by, boolean fuses) {
    close();
    arena = model.device().newArena("directions of a part of the batch");
    pass = new DirectionPass(arena, by, model.parameters(), of);
    parts = rows.clone();
    int part = place(rows.length);
    fused = fuses;
    h = arena.matrix(fused ? part : L * part, outputs, "outputs, part");
    if (!fused) {
      t = arena.matrix(L * part, lossFunction.targets(outputs), "targets, part");
      curved = arena.matrix(L * part, outputs, "H v");
      loss.reserve(L * part, outputs, stream);
    }
    if (rows.length > 1 || of > part) {
      stacked = arena.matrix(L * part, outputs, "tangents of the outputs, chunk by chunk");
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
    List<Matrix> to = pass.places(0, pass.rows());
    return part(model.traces(), N, 0, pass.rows(), output, targets, to);
  }

  /**
   * Takes the first rows of a chunk while the model's last pass has it.
   *
   * @param i of the chunks that there is room for
   */
  void takeChunk(int i, ChunkPass chunk) {
    int rows = parts[i];
    Matrix output = chunk.h().rows(0, rows);
    Matrix targets = chunk.targets().rows(0, rows);
    List<Matrix> to = pass.places(i * pitch, rows);
    subsample.take(stream, part(chunk.traces(), rows, place(i), rows, output, targets, to));
  }

  /** Rows of the chunks before the i-th. */
  private int place(int i) {
    return IntStream.of(parts).limit(i).sum();
  }

  /**
   * Pushes the directions through the network at the pass whose part was taken.
   *
   * @param directions Δ_1 … Δ_L, shaped like the parameters
   */
  void push(List<Matrix> directions) {
    pass.push(directions, stream);
  }

  /** Writes C of the directions at each of the chunks that {@link #takeChunk} was told of. */
  void measure(List<Matrix> directions, List<Matrix> C) {
    Matrix v = pass.push(directions, stream);
    if (stacked != null) {
      for (int i = 0; i < parts.length; i++) {
        stack(v, i);
      }
      v = stacked;
    }
    curve(v);
    for (int i = 0; i < parts.length; i++) {
      int first = L * place(i);
      int rows = L * parts[i];
      gram.gram(stream, v.rows(first, rows), curved.rows(first, rows), L, C.get(i));
    }
  }

  /** The tangents of a chunk's rows, direction by direction, one below another. */
  private void stack(Matrix v, int i) {
    int rows = parts[i];
    List<Matrix> from = new ArrayList<>();
    List<Matrix> to = new ArrayList<>();
    for (int j = 0; j < L; j++) {
      from.add(v.rows(j * pass.rows() + i * pitch, rows));
      to.add(stacked.rows(L * place(i) + j * rows, rows));
    }
    subsample.take(stream, new Part(rows, rows, from, to));
  }

  /** Writes C of the directions last pushed, both halves, and decides on the update by it. */
  void decide(Coefficients.Decision decision) {
    Matrix v = pass.outputs();
    if (fused) {
      ((FusedLoss) loss).decide(h, v, arrived.pointer(), decision, stream);
    } else {
      curve(v);
      gram.decide(stream, v, curved, arrived.pointer(), decision);
    }
  }

  /** What the pass and the loss need of {@code rows} of some rows: {@code place} is the loss'. */
  private Part part(
      List<LayerTrace> traces,
      int of,
      int place,
      int rows,
      Matrix output,
      Matrix targets,
      List<Matrix> to) {
    Check.that(
        traces.size() == L, "the model has %d traces for %d layers of weights", traces.size(), L);
    List<Matrix> from = new ArrayList<>();
    traces.forEach(trace -> from.add(trace.input().rows(0, of)));
    traces.stream().limit(L - 1).forEach(trace -> from.add(trace.derivative().rows(0, of)));
    int copies = fused ? 1 : L;
    from.add(output);
    to.add(h.rows(copies * place, copies * rows));
    if (!fused) {
      from.add(targets);
      to.add(t.rows(copies * place, copies * rows));
    }
    return new Part(of, rows, from, to);
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
      roots = new RootCurvature(arena, root, loss, h.rows() / L, h.columns(), K, budgetBytes);
    }
    for (int i = 0; i < parts.length; i++) {
      int first = L * place(i);
      int rows = L * parts[i];
      Matrix product = curved.rows(first, rows);
      roots.apply(
          h.rows(first, rows), t.rows(first, rows), parts[i], v.rows(first, rows), product, stream);
    }
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
      stacked = null;
    }
    N = 0; // says above that the memory is there
  }
}
