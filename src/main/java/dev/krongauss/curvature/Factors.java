package dev.krongauss.curvature;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Check;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Average;
import dev.krongauss.kernel.Gram;
import dev.krongauss.kernel.Operations;
import dev.krongauss.model.Resumable;
import dev.krongauss.model.State;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * Moving averages of the Kronecker factors Q_l and G_l of every layer, lower triangles. The memory
 * belongs to the arena given.
 *
 * <p>The k-th batch enters with weight 1 − β, β = min(1 − 1/k, decay): a plain mean at first, so
 * the start is unbiased. A batch that is not finite would stay in the averages for ever; where a
 * device int says that the last update was rejected, the next batch enters with β = 0 and replaces
 * them, without the host knowing.
 *
 * <p>This project's Gram kernel averages as it sums, several layers in one launch. A library's Gram
 * matrix is that of the batch alone, needs memory of its own, and enters in a second launch.
 */
public final class Factors implements Resumable {
  private final Operations operations;
  private final float decay;
  private final List<Matrix> Q = new ArrayList<>();
  private final List<Matrix> G = new ArrayList<>();
  private final Arena arena;
  private final Gram.Workspace workspace;
  private final Matrix[] batchG;
  private final Buffer batchQ;
  private final List<Average.Item> summed = new ArrayList<>();
  private final long restart;
  private final int[] batchesOfQ;
  private final int[] batchesOfG;

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
    boolean fused = operations.averagesGrams();
    workspace = fused ? new Gram.Workspace(arena) : null;
    batchG = new Matrix[outputs.length];
    int widest = Arrays.stream(inputs).max().orElse(1);
    batchQ =
        fused ? null : arena.floats((long) widest * Matrix.paddedStride(widest), "Q of a batch");
    batchesOfQ = new int[inputs.length];
    batchesOfG = new int[inputs.length];
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

  /** Whether both factors of a layer have seen a batch. */
  public boolean ready(int layer) {
    return batchesOfQ[layer] > 0 && batchesOfG[layer] > 0;
  }

  /** Whether the next batch of every layer enters with the same weight as all that follow it. */
  public boolean settled() {
    for (int l = 0; l < layers(); l++) {
      if (beta(batchesOfQ[l] + 1) != decay || beta(batchesOfG[l] + 1) != decay) {
        return false;
      }
    }
    return true;
  }

  /** Enters a batch into Q_l; activations ā_{l-1} {@code [N][d_{l-1} + 1]}. */
  public void enterActivations(int layer, Matrix activations, Stream s) {
    float beta = beta(++batchesOfQ[layer]);
    Matrix average = Q.get(layer);
    float mean = 1f / activations.rows();
    if (operations.averagesGrams()) {
      Gram.Item item = Gram.Item.average(activations, mean, beta, average);
      operations.grams(s, List.of(item), restart, workspace);
      return;
    }
    Matrix batch =
        Matrix.wrap(batchQ.pointer(), average.rows(), average.columns(), average.stride());
    operations.gram(s, activations, mean, 0, batch);
    operations.averages(s, List.of(new Average.Item(batch, beta, average)), restart);
  }

  /**
   * Enters a batch into every Q_l, and takes the second moments of other matrices of the batch
   * beside them: all in one launch with this project's kernels.
   *
   * @param activations ā_0 … ā_{L-1}, {@code [N][d_{l-1} + 1]}
   * @param others X {@code [N][d]}, any number
   * @param moments for each of them the result 1/N XᵀX {@code [d]²}, lower triangle
   */
  public void enterActivations(
      List<Matrix> activations, List<Matrix> others, List<Matrix> moments, Stream s) {
    List<Gram.Item> items = new ArrayList<>();
    for (int l = 0; l < layers(); l++) {
      Matrix X = activations.get(l);
      if (operations.averagesGrams()) {
        items.add(Gram.Item.average(X, 1f / X.rows(), beta(++batchesOfQ[l]), Q.get(l)));
      } else {
        enterActivations(l, X, s);
      }
    }
    for (int k = 0; k < others.size(); k++) {
      Matrix X = others.get(k);
      if (operations.averagesGrams()) {
        items.add(Gram.Item.fresh(X, 1f / X.rows(), moments.get(k)));
      } else {
        operations.gram(s, X, 1f / X.rows(), 0, moments.get(k));
      }
    }
    if (!items.isEmpty()) {
      operations.grams(s, items, restart, workspace);
    }
  }

  /**
   * Enters a batch, or the next chunk of it, into G_l; {@link #endSquareRoots} ends it.
   *
   * @param C rows of square-root columns, {@code [n·K][d_l]}
   * @param datapoints N of the whole batch
   * @param first whether this is the batch's first chunk
   */
  public void enterSquareRoot(int layer, Matrix C, int datapoints, boolean first, Stream s) {
    batchesOfG[layer] += first ? 1 : 0;
    float beta = beta(batchesOfG[layer]);
    Matrix average = G.get(layer);
    float mean = 1f / datapoints;
    if (operations.averagesGrams()) {
      Gram.Item item = new Gram.Item(C, mean, beta, !first, average);
      operations.grams(s, List.of(item), restart, workspace);
      return;
    }
    if (batchG[layer] == null) {
      int d = average.rows();
      batchG[layer] = arena.matrix(d, d, "G" + (layer + 1) + " of a batch"); // KFRA brings its own
    }
    operations.gram(s, C, mean, first ? 0 : 1, batchG[layer]);
    if (first) {
      summed.add(new Average.Item(batchG[layer], beta, average));
    }
  }

  /** Ends the batch whose square roots were entered; G_l of those layers is not valid before. */
  public void endSquareRoots(Stream s) {
    if (!summed.isEmpty()) {
      operations.averages(s, summed, restart);
      summed.clear();
    }
  }

  /** Enters a batch's mean curvature Ḡ_l {@code [d_l]²}, lower triangle, into G_l. */
  public void enterCurvature(int layer, Matrix curvature, Stream s) {
    operations.averages(s, List.of(average(layer, curvature)), restart);
  }

  /** Enters the mean curvatures Ḡ_1 … Ḡ_L of a batch into every G_l, in one launch. */
  public void enterCurvatures(List<Matrix> curvatures, Stream s) {
    List<Average.Item> items = new ArrayList<>();
    for (int l = 0; l < layers(); l++) {
      items.add(average(l, curvatures.get(l)));
    }
    operations.averages(s, items, restart);
  }

  private Average.Item average(int layer, Matrix curvature) {
    return new Average.Item(curvature, beta(++batchesOfG[layer]), G.get(layer));
  }

  /** Forgets the past: the next batch replaces the averages. */
  public void restart() {
    Arrays.fill(batchesOfQ, 0);
    Arrays.fill(batchesOfG, 0);
  }

  /** Averages, and how many batches are in them. */
  @Override
  public void exchange(State state) {
    state.matrices("Q", Q);
    state.matrices("G", G);
    for (int l = 0; l < layers(); l++) {
      batchesOfQ[l] = (int) state.number("batchesOfQ" + (l + 1), batchesOfQ[l]);
      batchesOfG[l] = (int) state.number("batchesOfG" + (l + 1), batchesOfG[l]);
    }
  }

  private float beta(int batch) {
    return Math.min(1 - 1f / batch, decay);
  }
}
