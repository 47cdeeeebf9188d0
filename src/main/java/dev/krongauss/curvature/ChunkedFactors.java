package dev.krongauss.curvature;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Random;
import dev.krongauss.kernel.argument.Link;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.kernel.operations.Passes;
import dev.krongauss.model.LayerTrace;
import dev.krongauss.model.LossFunction;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The factors of a batch that is cut into chunks. Of each chunk only what is a mean over datapoints
 * is taken ({@link #statistics}); their sum over the chunks then gives the factors ({@link
 * #enter}), so it does not matter where a chunk was.
 *
 * <p>KFRA: E[ā āᵀ], E[b bᵀ] and E[H_L] are summed, and one recursion follows, the same on every
 * rank. It is not linear in them: the mean of each chunk's own Ḡ is another matrix. KFLR and KFAC:
 * E[ā āᵀ] and E[C Cᵀ], no more; targets are drawn by chunk and row, whoever has the chunk.
 */
public final class ChunkedFactors implements AutoCloseable {
  private static final long CHUNK = 0xD1B54A32D192ED03L; // odd: chunks never share a seed

  private final Device device;
  private final Operations operations;
  private final Method method;
  private final LossFunction lossFunction;
  private final LossFunction.OnDevice loss;
  private final long budgetBytes;
  private final long seed;
  private final List<Matrix> weights;
  private final Arena arena;
  private final List<Matrix> Q = new ArrayList<>();
  private final List<Matrix> G = new ArrayList<>();
  private final List<Matrix> moments = new ArrayList<>();
  private final List<Matrix> products = new ArrayList<>();
  private final Passes passes;
  private final boolean expectedTop;
  private long seedOfSteps;
  private Arena rowArena;
  private Matrix scratch;
  private List<Buffer> squareRoots;
  private int widest;
  private int most;
  private int rows;

  /**
   * Takes the memory that does not depend on the batch.
   *
   * @param weights W_1 … W_L
   * @param factors that batches will enter
   * @param budgetBytes, seed, expectedTop as of {@link FactorEngine}
   * @throws IllegalArgumentException as {@link FactorEngine#check}
   */
  public ChunkedFactors(
      Device device,
      Operations operations,
      Method method,
      LossFunction loss,
      List<Matrix> weights,
      Factors factors,
      long budgetBytes,
      long seed,
      boolean expectedTop) {
    int L = weights.size();
    FactorEngine.check(method, loss, weights.get(L - 1).rows());
    FactorMemory.checkBudget(budgetBytes);
    this.device = device;
    this.operations = operations;
    this.method = method;
    this.lossFunction = loss;
    this.weights = weights;
    this.budgetBytes = budgetBytes;
    this.seed = seed;
    this.seedOfSteps = seed;
    boolean diagonal = factors.diagonal(L - 1);
    this.expectedTop =
        averaged() || diagonal || expectedTop && method.start() == Method.Start.SAMPLED_GRADIENT;
    arena = device.newArena("factors of a cut batch");
    int[] outputs = weights.stream().mapToInt(Matrix::rows).toArray();
    passes = averaged() ? operations.passes(arena, outputs) : null;
    for (int l = 0; l < L; l++) {
      Q.add(like(factors.Q(l), "batch Q" + (l + 1)));
      G.add(like(factors.G(l), "batch G" + (l + 1)));
      widest = Math.max(widest, Matrix.paddedStride(weights.get(l).rows()));
    }
    if (averaged()) {
      recursion();
    }
    this.loss = loss.on(device);
  }

  private boolean averaged() {
    return method.route() == Method.Route.AVERAGED;
  }

  private void recursion() {
    int L = weights.size();
    long floats = 0;
    for (Matrix W : weights) {
      floats = Math.max(floats, (long) W.rows() * Matrix.paddedStride(W.columns() - 1));
    }
    // Two: while one is written the one above it may still be read.
    List<Buffer> twice = List.of(arena.floats(floats, "G W"), arena.floats(floats, "G W"));
    for (int l = 0; l < L; l++) {
      int below = weights.get(l).columns() - 1;
      int o = weights.get(l).rows();
      long product = twice.get(l % 2).pointer();
      products.add(Matrix.wrap(product, o, below, Matrix.paddedStride(below)));
      if (l < L - 1) {
        moments.add(arena.matrix(o, o, "moment of b" + (l + 1)));
      }
    }
  }

  private Matrix like(Matrix matrix, String name) {
    return arena.matrix(matrix.rows(), matrix.columns(), name);
  }

  /**
   * What is to be summed over the chunks: lower triangles, and diagonals {@code [1][d]}. Their sums
   * are to be written here before {@link #enter}.
   */
  public List<Matrix> sums() {
    List<Matrix> sums = new ArrayList<>(Q);
    if (averaged()) {
      sums.addAll(moments);
      sums.add(top(G));
    } else {
      sums.addAll(G);
    }
    return Collections.unmodifiableList(sums);
  }

  /** As {@link FactorEngine#drawsOf}. */
  public boolean drawsOf(long step) {
    long before = seedOfSteps;
    seedOfSteps = Random.seedOf(seed, step);
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
      int K = FactorMemory.columns(method, lossFunction, outputs);
      most = FactorMemory.chunk(method, mostRows, K, widest, budgetBytes);
      long floats = (long) most * K * widest;
      squareRoots =
          List.of(rowArena.floats(floats, "C, one side"), rowArena.floats(floats, "C, other side"));
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
   * @param means shaped like {@link #sums}; lower triangles are written
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
        lossFunction.weights(t) == null,
        "loss '%s' has weights of datapoints, whose means over a chunk are not those over a batch;"
            + " leave out chunks(...) and ranks",
        lossFunction.name());
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
      squareRoots(traces, c, h, t, stepPointer, means.subList(L, 2 * L), s);
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

  private void squareRoots(
      List<LayerTrace> traces,
      int c,
      Matrix h,
      Matrix t,
      long stepPointer,
      List<Matrix> means,
      Stream s) {
    int K = FactorMemory.columns(method, lossFunction, h.columns());
    int layers = expectedTop ? traces.size() - 1 : traces.size();
    for (int first = 0; layers > 0 && first < h.rows(); first += most) {
      int n = Math.min(most, h.rows() - first);
      int side = 0;
      Matrix C = squareRoot(side, n * K, h.columns());
      if (method.start() == Method.Start.SAMPLED_GRADIENT) {
        loss.sampledGradient(h, t, seedOfSteps + c * CHUNK, stepPointer, C, s);
      } else {
        loss.squareRoot(h.rows(first, n), t.rows(first, n), C, s);
      }
      for (int l = traces.size() - 1; l >= 0; l--) {
        if (l < layers) {
          operations.gram(s, C, 1f / h.rows(), first == 0 ? 0 : 1, means.get(l));
        }
        if (l > 0) {
          side = 1 - side;
          Matrix derivative = traces.get(l - 1).derivative().rows(first, n);
          Matrix below = squareRoot(side, n * K, derivative.columns());
          operations.lowrank(s, C, weights.get(l), derivative, K, below);
          C = below;
        }
      }
    }
  }

  private Matrix squareRoot(int side, int n, int columns) {
    int stride = Matrix.paddedStride(columns);
    return Matrix.wrap(squareRoots.get(side).pointer(), n, columns, stride);
  }

  /** Enters the batch whose {@link #sums} are there. */
  public void enter(Factors factors, Stream s) {
    if (averaged()) {
      List<Link.Recursion> links = new ArrayList<>();
      for (int l = weights.size() - 1; l > 0; l--) {
        links.add(
            new Link.Recursion(
                G.get(l), weights.get(l), moments.get(l - 1), products.get(l), G.get(l - 1)));
      }
      if (!links.isEmpty()) {
        passes.recursion(s, links);
      }
    }
    factors.enterMoments(Q, G, s);
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
