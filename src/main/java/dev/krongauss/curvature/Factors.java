package dev.krongauss.curvature;

import dev.krongauss.device.Arena;
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
 * Moving averages of the Kronecker factors Q_l and G_l of every layer, lower triangles; a G_l that
 * is diagonal as its diagonal. The memory belongs to the arena given.
 *
 * <p>The k-th batch enters with weight 1 − β, β = min(1 − 1/k, decay): a plain mean at first, so
 * the start is unbiased. The device counts k, so that a captured batch enters rightly each time its
 * graph is launched; the host knows only which factors surely have one. A batch that is not finite
 * would stay in the averages for ever; where a device int says that the last update was rejected,
 * the next batch enters with β = 0 and replaces them, without the host knowing.
 *
 * <p>This project's Gram kernel averages as it sums, several layers in one launch. A library's Gram
 * matrix is that of the batch alone and enters in a second launch. All memory is taken as the
 * object is made, but for what a library needs for batches in chunks ({@link #reserveChunks}).
 */
public final class Factors implements Resumable {
  private final Operations operations;
  private final float decay;
  private final List<Matrix> Q = new ArrayList<>();
  private final List<Matrix> G = new ArrayList<>();
  private final Arena arena;
  private final BatchGrams grams;
  private final boolean[] diagonal;
  private final ChunkSums chunks = new ChunkSums(this);
  private final long restart;
  private final BatchCounts batches;

  /**
   * @param inputs d_{l-1} + 1 of each layer
   * @param outputs d_l of each layer
   * @param diagonal for each layer whether G_l is kept as its diagonal
   * @param decay 0 for no average, else below 1 (the paper: 0.9)
   * @param restart device address of an int that is positive where the past is to be forgotten, or
   *     0 for none
   */
  public Factors(
      Arena arena,
      Operations operations,
      int[] inputs,
      int[] outputs,
      boolean[] diagonal,
      float decay,
      long restart) {
    Check.that(
        decay >= 0 && decay < 1,
        "decay %s of the factors is outside of [0, 1); the paper uses 0.9",
        decay);
    this.arena = arena;
    this.operations = operations;
    this.restart = restart;
    this.decay = decay;
    this.diagonal = diagonal.clone();
    for (int l = 0; l < inputs.length; l++) {
      Q.add(arena.matrix(inputs[l], inputs[l], "Q" + (l + 1)));
      G.add(arena.matrix(diagonal[l] ? 1 : outputs[l], outputs[l], "G" + (l + 1)));
    }
    IntStream full = IntStream.range(0, outputs.length).filter(l -> !diagonal[l]);
    int[] widths = IntStream.concat(IntStream.of(inputs), full.map(l -> outputs[l])).toArray();
    grams = new BatchGrams(arena, operations, widths, restart);
    batches = new BatchCounts(operations.device(), arena, 2 * layers());
  }

  public int layers() {
    return Q.size();
  }

  /** Q_l, {@code [d_{l-1} + 1]²}, lower triangle; l from 0. */
  public Matrix Q(int layer) {
    return Q.get(layer);
  }

  /** G_l, {@code [d_l]²}, lower triangle, or a diagonal {@code [1][d_l]}; l from 0. */
  public Matrix G(int layer) {
    return G.get(layer);
  }

  /** Whether G_l is kept as its diagonal; l from 0. */
  public boolean diagonal(int layer) {
    return diagonal[layer];
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
   * Whether both factors of a layer have a batch. Where work of theirs was only captured the device
   * is asked, which waits; while the stream captures, what was captured before counts.
   */
  public boolean ready(int layer, Stream s) {
    return batches.has(indexOfQ(layer), s) && batches.has(indexOfG(layer), s);
  }

  /** Enters a batch into Q_l; activations ā_{l-1} {@code [N][d_{l-1} + 1]}. */
  public void enterActivations(int layer, Matrix activations, Stream s) {
    enterRows(indexOfQ(layer), activations, 1f / activations.rows(), true, true, s);
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
      items.add(Gram.Item.average(X, 1f / X.rows(), batches.past(indexOfQ(l), decay), Q.get(l)));
    }
    for (int k = 0; k < others.size(); k++) {
      Matrix X = others.get(k);
      items.add(Gram.Item.fresh(X, 1f / X.rows(), moments.get(k)));
    }
    grams.enter(items, s);
    IntStream.range(0, layers()).forEach(l -> batches.entered(indexOfQ(l), s));
  }

  /**
   * Enters a batch into G_l, which is no diagonal.
   *
   * @param C rows of square-root columns, {@code [N·K][d_l]}
   * @param datapoints N
   */
  public void enterSquareRoot(int layer, Matrix C, int datapoints, Stream s) {
    enterRows(indexOfG(layer), C, 1f / datapoints, true, true, s);
  }

  /** Takes what {@link #enterChunk} needs besides, once. */
  public void reserveChunks() {
    if (!operations.averagesGrams()) {
      chunks.reserve(arena);
    }
  }

  /**
   * Enters the next chunk of a batch into G_l, which is no diagonal; {@link #endChunks} ends the
   * batch, of all layers.
   *
   * @param C rows of square-root columns, {@code [n·K][d_l]}
   * @param datapoints N of the whole batch
   * @param first whether this is the batch's first chunk
   */
  public void enterChunk(int layer, Matrix C, int datapoints, boolean first, Stream s) {
    float mean = 1f / datapoints;
    if (operations.averagesGrams()) {
      average(C, mean, indexOfG(layer), !first, s);
    } else {
      operations.gram(s, C, mean, first ? 0 : 1, chunks.next(layer));
    }
  }

  /** Ends a batch that came in chunks; no G_l that it came into is valid before. */
  public void endChunks(Stream s) {
    int[] layers = chunks.layers();
    List<Matrix> sums = IntStream.of(layers).mapToObj(chunks.sums()::get).toList();
    enter(IntStream.of(layers).map(Factors::indexOfG), sums, s);
    chunks.clear();
  }

  /**
   * Enters the next rows X {@code [M][d]} of a batch, whose moment is Σ alpha XᵀX, into a factor
   * that is no diagonal: Q_l at 2 l, G_l at 2 l + 1. Rows of one batch follow one another.
   *
   * @param first whether these are the first of the batch
   * @param last whether no more follow; the factor is not valid before
   */
  public void enterRows(int factor, Matrix X, float alpha, boolean first, boolean last, Stream s) {
    if (operations.averagesGrams()) {
      average(X, alpha, factor, !first, s);
      return;
    }
    Matrix batch = grams.scratch(factor(factor));
    operations.gram(s, X, alpha, first ? 0 : 1, batch);
    if (last) {
      enter(IntStream.of(factor), List.of(batch), s);
    }
  }

  /** Enters a batch's mean curvature Ḡ_l of the shape of G_l, lower triangle, into G_l. */
  public void enterCurvature(int layer, Matrix curvature, Stream s) {
    enter(IntStream.of(indexOfG(layer)), List.of(curvature), s);
  }

  /** Enters the mean curvatures Ḡ_1 … Ḡ_L of a batch into every G_l, in one launch. */
  public void enterCurvatures(List<Matrix> curvatures, Stream s) {
    enter(IntStream.range(0, layers()).map(Factors::indexOfG), curvatures, s);
  }

  /** Enters the means of a batch into every Q_l and every G_l, all of their shapes. */
  void enterMoments(List<Matrix> ofQ, List<Matrix> ofG, Stream s) {
    List<Matrix> means = new ArrayList<>(ofQ);
    means.addAll(ofG);
    IntStream even = IntStream.range(0, layers()).map(Factors::indexOfQ);
    enter(IntStream.concat(even, IntStream.range(0, layers()).map(Factors::indexOfG)), means, s);
  }

  private void enter(IntStream factors, List<Matrix> means, Stream s) {
    int[] which = factors.toArray();
    List<Average.Item> items = new ArrayList<>();
    for (int k = 0; k < which.length; k++) {
      items.add(new Average.Item(means.get(k), batches.past(which[k], decay), factor(which[k])));
    }
    if (!items.isEmpty()) {
      operations.averages(s, items, restart);
    }
    IntStream.of(which).forEach(k -> batches.entered(k, s));
  }

  private void average(Matrix X, float alpha, int factor, boolean adds, Stream s) {
    Past past = batches.past(factor, decay);
    grams.enter(List.of(new Gram.Item(X, alpha, past, adds, factor(factor))), s);
    batches.entered(factor, s);
  }

  /** Forgets the past: the next batch replaces the averages. Waits, and so cannot be captured. */
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
    state.symmetrics("Q", Q);
    state.symmetrics("G", G);
    batches.exchange(state);
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
