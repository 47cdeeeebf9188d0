package dev.krongauss.curvature;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Random;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.model.LayerTrace;
import dev.krongauss.model.LossFunction;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * The factors of a batch that is cut into chunks. Of each chunk only what is a mean over datapoints
 * is taken ({@link #statistics}); their sum over the chunks then gives the factors ({@link
 * #enter}), so it does not matter where a chunk was.
 *
 * <p>KFRA: E[ā āᵀ], E[b bᵀ] and E[H_L] are summed, and one recursion follows, the same on every
 * rank. It is not linear in them: the mean of each chunk's own Ḡ is another matrix. KFLR and KFAC:
 * E[ā āᵀ] and E[C Cᵀ], no more; targets are drawn by chunk and row, whoever has the chunk.
 *
 * <p>Of factors that are sharded by layers each rank has neighbouring ones: it needs the sums of
 * its own layers alone, and its part of the recursion begins with what the rank above hands over.
 */
public final class ChunkedFactors implements AutoCloseable {
  private static final long CHUNK = 0xD1B54A32D192ED03L; // odd: chunks never share a seed

  /**
   * What is summed over the chunks: a lower triangle, or a diagonal {@code [1][d]}.
   *
   * @param layer whose owner needs the sum, from 0
   * @param sum where it is to be written before {@link #enter}; null where another rank needs it
   */
  public record Statistic(int rows, int columns, int layer, Matrix sum) {}

  /**
   * What decides over the factors of a network.
   *
   * @param weights W_1 … W_L
   * @param budgetBytes, seed, expectedTop as of {@link FactorEngine}
   */
  public record Settings(
      Operations operations,
      Method method,
      LossFunction loss,
      List<Matrix> weights,
      long budgetBytes,
      long seed,
      boolean expectedTop) {}

  private final Settings settings;
  private final Device device;
  private final Operations operations;
  private final Method method;
  private final LossFunction.OnDevice loss;
  private final List<Matrix> weights;
  private final Arena arena;
  private final int first; // of this rank's layers
  private final int end;
  private final List<Matrix> Q = new ArrayList<>(); // from here on null for layers of others
  private final List<Matrix> G = new ArrayList<>();
  private final ChunkedRecursion recursion; // null of other methods
  private final boolean diagonalTop;
  private final boolean expectedTop;
  private long seedOfSteps;
  private Arena rowArena;
  private Matrix scratch;
  private SquareRoots roots; // null of KFRA
  private int rows;

  /**
   * Takes the memory that does not depend on the batch.
   *
   * @param factors that batches will enter
   * @throws IllegalArgumentException as {@link FactorEngine#check}
   */
  public ChunkedFactors(Settings settings, Factors factors) {
    this(
        settings,
        factors.diagonal(factors.layers() - 1),
        0,
        factors.layers(),
        RecursionHandover.NONE);
  }

  /**
   * The same for one of several ranks, which has the factors of the layers from {@code first} to
   * before {@code end}.
   *
   * @param diagonalTop whether the last layer's G is a diagonal
   */
  public ChunkedFactors(
      Settings settings, boolean diagonalTop, int first, int end, RecursionHandover handover) {
    this.settings = settings;
    operations = settings.operations;
    device = operations.device();
    method = settings.method;
    weights = settings.weights;
    seedOfSteps = settings.seed;
    int L = weights.size();
    FactorEngine.check(method, settings.loss, top(weights).rows());
    FactorMemory.checkBudget(settings.budgetBytes);
    this.diagonalTop = diagonalTop;
    this.first = first;
    this.end = end;
    this.expectedTop =
        averaged()
            || diagonalTop
            || settings.expectedTop && method.start() == Method.Start.SAMPLED_GRADIENT;
    arena = device.newArena("factors of a cut batch");
    for (int l = 0; l < L; l++) {
      int i = weights.get(l).columns();
      int o = weights.get(l).rows();
      Q.add(own(l) ? arena.matrix(i, i, "batch Q" + (l + 1)) : null);
      G.add(own(l) ? arena.matrix(rowsOfG(l), o, "batch G" + (l + 1)) : null);
    }
    recursion =
        averaged()
            ? new ChunkedRecursion(operations, arena, weights, G, first, end, handover)
            : null;
    loss = settings.loss.on(device);
  }

  private boolean averaged() {
    return method.route() == Method.Route.AVERAGED;
  }

  private boolean own(int layer) {
    return layer >= first && layer < end;
  }

  private int rowsOfG(int layer) {
    return diagonalTop && layer == weights.size() - 1 ? 1 : weights.get(layer).rows();
  }

  /** What is to be summed over the chunks. */
  public List<Statistic> all() {
    int L = weights.size();
    List<Statistic> all = new ArrayList<>();
    for (int l = 0; l < L; l++) {
      int i = weights.get(l).columns();
      all.add(new Statistic(i, i, l, Q.get(l)));
    }
    for (int l = 0; l < L; l++) {
      int o = weights.get(l).rows();
      // The link from a layer to the one below takes that one's moment.
      all.add(
          averaged() && l < L - 1
              ? new Statistic(o, o, l + 1, recursion.moment(l))
              : new Statistic(rowsOfG(l), o, l, G.get(l)));
    }
    return all;
  }

  /** Where the sums are to be written that are needed here, in the order of {@link #all}. */
  public List<Matrix> sums() {
    return all().stream().map(Statistic::sum).filter(Objects::nonNull).toList();
  }

  /** As {@link FactorEngine#drawsOf}. */
  public boolean drawsOf(long step) {
    long before = seedOfSteps;
    seedOfSteps = Random.seedOf(settings.seed, step);
    return seedOfSteps != before && method.start() == Method.Start.SAMPLED_GRADIENT;
  }

  /** Makes room for chunks of up to so many rows; waits if they are more than before. */
  public void prepare(int mostRows) {
    if (mostRows == rows) {
      return;
    }
    release();
    rowArena = device.newArena("factors of a chunk");
    int outputs = top(weights).rows();
    if (expectedTop) {
      scratch = rowArena.matrix(mostRows, outputs, "output scratch");
    }
    if (!averaged()) {
      roots =
          new SquareRoots(
              operations,
              method,
              settings.loss,
              loss,
              weights.stream().mapToInt(Matrix::rows).toArray(),
              rowArena,
              mostRows,
              settings.budgetBytes);
    }
    rows = mostRows;
  }

  /**
   * Writes the means over the chunk of the model's last pass.
   *
   * @param c the chunk's number in the batch of all ranks
   * @param h output {@code [n][d_L]}
   * @param t targets {@code [n][m]}
   * @param stepPointer as for {@link FactorEngine#enter}
   * @param means shaped like {@link #all}; lower triangles are written
   * @throws IllegalArgumentException if the loss has weights of datapoints
   */
  public void statistics(
      List<LayerTrace> traces,
      int c,
      Matrix h,
      Matrix t,
      long stepPointer,
      List<Matrix> means,
      Stream s) {
    int n = h.rows();
    int L = traces.size();
    Check.that(
        settings.loss.weights(t) == null,
        "loss '%s' has weights of datapoints, whose means over a chunk are not those over a batch;"
            + " leave out chunks(...) and ranks",
        settings.loss.name());
    for (int l = 0; l < L; l++) {
      operations.gram(s, traces.get(l).input(), 1f / n, 0, means.get(l));
    }
    if (expectedTop) {
      mean(h, t, top(means), s);
    }
    if (averaged()) {
      for (int l = 0; l + 1 < L; l++) {
        operations.gram(s, traces.get(l).derivative(), 1f / n, 0, means.get(L + l));
      }
    } else {
      int layers = expectedTop ? L - 1 : L;
      SquareRoots.Taker mean =
          (l, C, first) -> operations.gram(s, C, 1f / n, first ? 0 : 1, means.get(L + l));
      roots.run(traces, h, t, seedOfSteps + c * CHUNK, stepPointer, layers, mean, s);
    }
  }

  private void mean(Matrix h, Matrix t, Matrix H, Stream s) {
    Matrix part = scratch.rows(0, h.rows());
    if (H.rows() == 1 && h.columns() > 1) {
      loss.meanHessianDiagonal(h, t, part, H, s);
    } else {
      loss.meanHessian(h, t, part, H, s);
    }
  }

  /** Enters the batch whose {@link #sums} are there. */
  public void enter(Factors factors, Stream s) {
    if (recursion != null) {
      recursion.run(s);
    }
    factors.enterMoments(Q.subList(first, end), G.subList(first, end), s);
  }

  /** Device memory held, in bytes. */
  public long bytes() {
    return arena.bytes() + (rowArena == null ? 0 : rowArena.bytes());
  }

  @Override
  public void close() {
    loss.close();
    release();
    arena.close();
  }

  private void release() {
    rows = 0; // says above that the memory is there
    if (rowArena != null) {
      if (!device.stream().isClosed()) {
        device.stream().synchronize();
      }
      rowArena.close();
      rowArena = null;
    }
  }

  private static Matrix top(List<Matrix> matrices) {
    return matrices.get(matrices.size() - 1);
  }
}
