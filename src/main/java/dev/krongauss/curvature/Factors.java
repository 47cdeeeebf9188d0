package dev.krongauss.curvature;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Check;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Average;
import dev.krongauss.kernel.Gram;
import dev.krongauss.kernel.argument.Past;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.model.Resumable;
import dev.krongauss.model.State;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Moving averages of the Kronecker factors Q_l and G_l of every layer, lower triangles. The memory
 * belongs to the arena given.
 *
 * <p>The k-th batch enters with weight 1 − β, β = min(1 − 1/k, decay): a plain mean at first, so
 * the start is unbiased. The device counts k, so that a captured batch enters rightly each time its
 * graph is launched; the host knows only which factors surely have one. A batch that is not finite
 * would stay in the averages for ever; where a device int says that the last update was rejected,
 * the next batch enters with β = 0 and replaces them, without the host knowing.
 *
 * <p>This project's Gram kernel averages as it sums, several layers in one launch. A library's Gram
 * matrix is that of the batch alone, needs memory of its own, and enters in a second launch. All
 * memory is taken as the object is made, but for what a library needs for batches in chunks ({@link
 * #reserveChunks}).
 */
public final class Factors implements Resumable {
  private final Operations operations;
  private final float decay;
  private final List<Matrix> Q = new ArrayList<>();
  private final List<Matrix> G = new ArrayList<>();
  private final Arena arena;
  private final Gram.Workspace workspace;
  private final Buffer scratch;
  private final List<Matrix> sums = new ArrayList<>();
  private final long restart;
  private final BatchCounts batches;

  /**
   * @param inputs d_{l-1} + 1 of each layer
   * @param outputs d_l of each layer
   * @param decay 0 for no average, else below 1 (the paper: 0.9)
   * @param restart device address of an int that is positive where the past is to be forgotten, or
   *     0 for none
   */
  public Factors(
      Arena arena, Operations operations, int[] inputs, int[] outputs, float decay, long restart) {
    Check.that(
        decay >= 0 && decay < 1,
        "decay %s of the factors is outside of [0, 1); the paper uses 0.9",
        decay);
    this.arena = arena;
    this.operations = operations;
    this.restart = restart;
    this.decay = decay;
    for (int l = 0; l < inputs.length; l++) {
      Q.add(arena.matrix(inputs[l], inputs[l], "Q" + (l + 1)));
      G.add(arena.matrix(outputs[l], outputs[l], "G" + (l + 1)));
    }
    int[] widths = IntStream.concat(IntStream.of(inputs), IntStream.of(outputs)).toArray();
    int widest = IntStream.of(widths).max().orElse(1);
    boolean fused = operations.averagesGrams();
    workspace = fused ? new Gram.Workspace(arena, widths) : null;
    scratch =
        fused
            ? null
            : arena.floats((long) widest * Matrix.paddedStride(widest), "factor of a batch");
    batches = new BatchCounts(operations.device(), arena, 2 * layers());
  }

  public int layers() {
    return Q.size();
  }

  /** Q_l, {@code [d_{l-1} + 1]²}, lower triangle; l from 0. */
  public Matrix Q(int layer) {
    return Q.get(layer);
  }

  /** G_l, {@code [d_l]²}, lower triangle; l from 0. */
  public Matrix G(int layer) {
    return G.get(layer);
  }

  /** Q_1 … Q_L. */
  public List<Matrix> allQ() {
    return Collections.unmodifiableList(Q);
  }

  /** G_1 … G_L. */
  public List<Matrix> allG() {
    return Collections.unmodifiableList(G);
  }

  /**
   * Whether both factors of a layer have a batch in them. Where work of theirs was only captured
   * the device is asked, which waits for the stream; while the stream captures, what was captured
   * before counts.
   */
  public boolean ready(int layer, Stream s) {
    return batches.has(indexOfQ(layer), s) && batches.has(indexOfG(layer), s);
  }

  /** Enters a batch into Q_l; activations ā_{l-1} {@code [N][d_{l-1} + 1]}. */
  public void enterActivations(int layer, Matrix activations, Stream s) {
    enter(activations, 1f / activations.rows(), indexOfQ(layer), s);
  }

  /**
   * Enters a batch into every Q_l, and takes the second moments of other matrices of the batch
   * beside them: all in one launch with this project's kernels.
   *
   * @param activations ā_0 … ā_{L-1}, {@code [N][d_{l-1} + 1]}
   * @param others X {@code [N][d]}, any number of them, d that of some G_l, each used once at most
   * @param moments for each of them the result 1/N XᵀX {@code [d]²}, lower triangle
   */
  public void enterActivations(
      List<Matrix> activations, List<Matrix> others, List<Matrix> moments, Stream s) {
    if (!operations.averagesGrams()) {
      for (int l = 0; l < layers(); l++) {
        enterActivations(l, activations.get(l), s);
      }
      for (int k = 0; k < others.size(); k++) {
        Matrix X = others.get(k);
        operations.gram(s, X, 1f / X.rows(), 0, moments.get(k));
      }
      return;
    }
    List<Gram.Item> items = new ArrayList<>();
    for (int l = 0; l < layers(); l++) {
      Matrix X = activations.get(l);
      items.add(Gram.Item.average(X, 1f / X.rows(), past(indexOfQ(l)), Q.get(l)));
    }
    for (int k = 0; k < others.size(); k++) {
      Matrix X = others.get(k);
      items.add(Gram.Item.fresh(X, 1f / X.rows(), moments.get(k)));
    }
    operations.grams(s, items, restart, workspace);
    for (int l = 0; l < layers(); l++) {
      batches.entered(indexOfQ(l), s);
    }
  }

  /**
   * Enters a batch into G_l.
   *
   * @param C rows of square-root columns, {@code [N·K][d_l]}
   * @param datapoints N
   */
  public void enterSquareRoot(int layer, Matrix C, int datapoints, Stream s) {
    enter(C, 1f / datapoints, indexOfG(layer), s);
  }

  /** Takes what {@link #enterChunk} needs besides, once. */
  public void reserveChunks() {
    if (operations.averagesGrams()) {
      return;
    }
    for (int l = sums.size(); l < layers(); l++) { // goes on where memory once did not suffice
      int d = G.get(l).rows();
      sums.add(arena.matrix(d, d, "G" + (l + 1) + " of a batch"));
    }
  }

  /**
   * Enters the next chunk of a batch into G_l; {@link #endChunks} ends the batch, of every layer.
   *
   * @param C rows of square-root columns, {@code [n·K][d_l]}
   * @param datapoints N of the whole batch
   * @param first whether this is the batch's first chunk
   */
  public void enterChunk(int layer, Matrix C, int datapoints, boolean first, Stream s) {
    float mean = 1f / datapoints;
    if (operations.averagesGrams()) {
      Gram.Item item = new Gram.Item(C, mean, past(indexOfG(layer)), !first, G.get(layer));
      operations.grams(s, List.of(item), restart, workspace);
      batches.entered(indexOfG(layer), s);
    } else {
      operations.gram(s, C, mean, first ? 0 : 1, sums.get(layer));
    }
  }

  /** Ends a batch that came in chunks; no G_l is valid before. */
  public void endChunks(Stream s) {
    if (!operations.averagesGrams()) {
      enterCurvatures(sums, s);
    }
  }

  /** Enters a batch's mean curvature Ḡ_l {@code [d_l]²}, lower triangle, into G_l. */
  public void enterCurvature(int layer, Matrix curvature, Stream s) {
    enterAverage(curvature, indexOfG(layer), s);
  }

  /** Enters the mean curvatures Ḡ_1 … Ḡ_L of a batch into every G_l, in one launch. */
  public void enterCurvatures(List<Matrix> curvatures, Stream s) {
    List<Average.Item> items = new ArrayList<>();
    for (int l = 0; l < layers(); l++) {
      items.add(new Average.Item(curvatures.get(l), past(indexOfG(l)), G.get(l)));
    }
    operations.averages(s, items, restart);
    for (int l = 0; l < layers(); l++) {
      batches.entered(indexOfG(l), s);
    }
  }

  /** A factor becomes its average with alpha XᵀX. */
  private void enter(Matrix X, float alpha, int factor, Stream s) {
    Matrix average = factor(factor);
    if (operations.averagesGrams()) {
      Gram.Item item = Gram.Item.average(X, alpha, past(factor), average);
      operations.grams(s, List.of(item), restart, workspace);
      batches.entered(factor, s);
      return;
    }
    Matrix batch =
        Matrix.wrap(scratch.pointer(), average.rows(), average.columns(), average.stride());
    operations.gram(s, X, alpha, 0, batch);
    enterAverage(batch, factor, s);
  }

  private void enterAverage(Matrix batch, int factor, Stream s) {
    Average.Item item = new Average.Item(batch, past(factor), factor(factor));
    operations.averages(s, List.of(item), restart);
    batches.entered(factor, s);
  }

  /**
   * Forgets the past: the next batch replaces the averages. Waits for the device, and so cannot be
   * captured.
   */
  public void restart() {
    batches.clear();
  }

  /** The same, enqueued: it neither waits nor fails within a capture. */
  public void restart(Stream s) {
    batches.clear(s);
  }

  /**
   * Averages, and how many batches are in them, which waits for the device.
   *
   * @throws dev.krongauss.device.DeviceException within a capture
   */
  @Override
  public void exchange(State state) {
    state.matrices("Q", Q);
    state.matrices("G", G);
    List<String> names = new ArrayList<>();
    for (int l = 1; l <= layers(); l++) {
      names.add("batchesOfQ" + l);
      names.add("batchesOfG" + l);
    }
    batches.exchange(state, names);
  }

  /**
   * Device address of {@link Past#INTS} ints a factor, of Q_l at 2 l and of G_l at 2 l + 1: the
   * batches in it, and what blocks of a launch tell each other.
   */
  public long batches() {
    return batches.pointer();
  }

  /** Batches in factor {@code k}, Q_l at 2 l and G_l at 2 l + 1; waits for the stream. */
  public int batches(int k, Stream s) {
    return batches.of(k, s);
  }

  private Past past(int factor) {
    return batches.past(factor, decay);
  }

  private Matrix factor(int index) {
    return (index % 2 == 0 ? Q : G).get(index / 2);
  }

  private static int indexOfQ(int layer) {
    return 2 * layer;
  }

  private static int indexOfG(int layer) {
    return 2 * layer + 1;
  }
}
