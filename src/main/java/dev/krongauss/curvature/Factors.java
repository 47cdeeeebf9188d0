package dev.krongauss.curvature;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Check;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Operations;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Moving averages of the Kronecker factors Q_l and G_l of every layer, lower triangles. The memory
 * belongs to the arena given.
 *
 * <p>The k-th batch enters with weight 1 − β, β = min(1 − 1/k, decay): a plain mean at first, so
 * the start is unbiased. A batch that is not finite would stay in the averages for ever; where a
 * device int says that the last update was rejected, the next batch enters with β = 0 and replaces
 * them, without the host knowing.
 */
public final class Factors {
  private final Operations operations;
  private final float decay;
  private final List<Matrix> Q = new ArrayList<>();
  private final List<Matrix> G = new ArrayList<>();
  private final Arena arena;
  private final Matrix[] batchG;
  private final Buffer scratch;
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
    batchG = new Matrix[outputs.length];
    int widest = Arrays.stream(inputs).max().orElse(1);
    scratch = arena.floats((long) widest * Matrix.paddedStride(widest), "Q of a batch");
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
    Matrix average = Q.get(layer);
    Matrix batchQ =
        Matrix.wrap(scratch.pointer(), average.rows(), average.columns(), average.stride());
    operations.gram(s, activations, 1f / activations.rows(), 0, batchQ);
    operations.average(s, batchQ, beta(++batchesOfQ[layer]), average, restart);
  }

  /**
   * Enters a batch, or the next chunk of it, into G_l.
   *
   * @param C rows of square-root columns, {@code [n·K][d_l]}
   * @param datapoints N of the whole batch
   * @param first whether this is the batch's first chunk
   * @param last whether it is the last one, after which the batch counts
   */
  public void enterSquareRoot(
      int layer, Matrix C, int datapoints, boolean first, boolean last, Stream s) {
    if (batchG[layer] == null) {
      int d = G.get(layer).rows();
      batchG[layer] = arena.matrix(d, d, "G" + (layer + 1) + " of a batch"); // KFRA brings its own
    }
    operations.gram(s, C, 1f / datapoints, first ? 0 : 1, batchG[layer]);
    if (last) {
      enterCurvature(layer, batchG[layer], s);
    }
  }

  /** Enters a batch's mean curvature Ḡ_l {@code [d_l]²}, lower triangle, into G_l. */
  public void enterCurvature(int layer, Matrix curvature, Stream s) {
    operations.average(s, curvature, beta(++batchesOfG[layer]), G.get(layer), restart);
  }

  /** Forgets the past: the next batch replaces the averages. */
  public void restart() {
    Arrays.fill(batchesOfQ, 0);
    Arrays.fill(batchesOfG, 0);
  }

  private float beta(int batch) {
    return Math.min(1 - 1f / batch, decay);
  }
}
