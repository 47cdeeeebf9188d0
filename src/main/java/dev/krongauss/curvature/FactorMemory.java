package dev.krongauss.curvature;

import dev.krongauss.device.ArenaSize;
import dev.krongauss.device.Check;
import dev.krongauss.device.Matrix;
import dev.krongauss.kernel.argument.Past;
import dev.krongauss.kernel.operations.OperationsSize;
import dev.krongauss.model.LossFunction;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The memory of {@link Factors} and {@link FactorEngine}, counted without a device.
 *
 * @param widths d_0 … d_L
 * @param diagonalTop whether G_L is kept as its diagonal
 */
public record FactorMemory(int[] widths, boolean diagonalTop) {
  /** What decides over the memory of an engine; as its constructor. */
  public record Engine(Method method, LossFunction loss, long budgetBytes, boolean expectedTop) {}

  /** Shapes of Q_1 … Q_L. */
  public List<Matrix> allQ() {
    return IntStream.rangeClosed(1, layers())
        .mapToObj(l -> ArenaSize.shape(widths[l - 1] + 1, widths[l - 1] + 1))
        .toList();
  }

  /** Shapes of G_1 … G_L, a diagonal one as {@code [1][d_L]}. */
  public List<Matrix> allG() {
    return IntStream.rangeClosed(1, layers())
        .mapToObj(l -> ArenaSize.shape(diagonal(l) ? 1 : widths[l], widths[l]))
        .toList();
  }

  /** Shapes of W_1 … W_L. */
  public List<Matrix> weights() {
    return IntStream.rangeClosed(1, layers())
        .mapToObj(l -> ArenaSize.shape(widths[l], widths[l - 1] + 1))
        .toList();
  }

  /** Counts the averages. */
  public void averages(OperationsSize operations) {
    operations.arena().like(allQ());
    operations.arena().like(allG());
    IntStream inputs = IntStream.range(0, layers()).map(l -> widths[l] + 1);
    IntStream full = IntStream.rangeClosed(1, layers()).filter(l -> !diagonal(l));
    operations.grams(IntStream.concat(inputs, full.map(l -> widths[l])).toArray());
    operations.arena().ints(2.0 * Past.INTS * layers());
  }

  /**
   * Counts what factors of batches of N datapoints take, the sums of a batch's chunks among it.
   *
   * @throws IllegalArgumentException as {@link FactorEngine#check} and the engine's constructor
   */
  public void batch(OperationsSize operations, Engine engine, int N) {
    FactorEngine.check(engine.method, engine.loss, outputs());
    checkBudget(engine.budgetBytes);
    ArenaSize arena = operations.arena();
    boolean sampled = engine.method.start() == Method.Start.SAMPLED_GRADIENT;
    boolean averaged = engine.method.route() == Method.Route.AVERAGED;
    if (averaged || diagonalTop || (engine.expectedTop && sampled)) {
      arena.matrix(N, outputs());
      arena.matrix(diagonalTop ? 1 : outputs(), outputs());
    }
    if (averaged) {
      recursion(operations);
    } else {
      chunks(operations, engine, N);
    }
    weighted(arena, engine.loss, averaged, N);
  }

  /** The same of neighbouring layers, from {@code first} (from 0) to before {@code end}. */
  public FactorMemory of(int first, int end) {
    return new FactorMemory(
        Arrays.copyOfRange(widths, first, end + 1), diagonalTop && end == layers());
  }

  /**
   * Counts a {@link ChunkedFactors} of the layers from {@code first} to before {@code end}.
   *
   * @param rows of the longest chunk
   * @throws IllegalArgumentException as {@link #batch}
   */
  public void chunked(OperationsSize operations, Engine engine, int rows, int first, int end) {
    FactorEngine.check(engine.method, engine.loss, outputs());
    checkBudget(engine.budgetBytes);
    ArenaSize arena = operations.arena();
    arena.like(allQ().subList(first, end));
    arena.like(allG().subList(first, end));
    boolean sampled = engine.method.start() == Method.Start.SAMPLED_GRADIENT;
    boolean averaged = engine.method.route() == Method.Route.AVERAGED;
    if (averaged || diagonalTop || (engine.expectedTop && sampled)) {
      arena.matrix(rows, outputs());
    }
    if (averaged) {
      chunkedRecursion(operations, first, end);
    } else {
      squareRoots(arena, engine, rows);
    }
  }

  private void chunkedRecursion(OperationsSize operations, int first, int end) {
    operations.passes(Arrays.copyOfRange(widths, 1, widths.length));
    double product = 0;
    for (int l = first; l < end; l++) {
      product = Math.max(product, (double) widths[l + 1] * Matrix.paddedStride(widths[l]));
      if (l > 0) {
        operations.arena().matrix(widths[l], widths[l]); // the moment of b
      }
    }
    operations.arena().floats(2 * product);
    if (first > 0) {
      operations.arena().matrix(widths[first], widths[first]); // what is handed over
    }
  }

  private void recursion(OperationsSize operations) {
    double product = 0;
    for (int l = 1; l <= layers(); l++) {
      product = Math.max(product, (double) widths[l] * Matrix.paddedStride(widths[l - 1]));
      if (l < layers()) {
        operations.arena().matrix(widths[l], widths[l]); // G
        operations.arena().matrix(widths[l], widths[l]); // the moment of b
      }
    }
    operations.arena().floats(product);
    operations.arena().floats(product);
    operations.passes(Arrays.copyOfRange(widths, 1, widths.length));
  }

  private void chunks(OperationsSize operations, Engine engine, int N) {
    if (operations.libraries()) {
      for (int l = 1; l <= layers(); l++) {
        if (!diagonal(l)) {
          operations.arena().matrix(widths[l], widths[l]);
        }
      }
    }
    squareRoots(operations.arena(), engine, N);
  }

  /** C of a piece, twice. */
  private void squareRoots(ArenaSize arena, Engine engine, int N) {
    int K = columns(engine.method, engine.loss, outputs());
    int widest =
        IntStream.rangeClosed(1, layers()).map(l -> Matrix.paddedStride(widths[l])).max().orElse(1);
    int chunk = chunk(engine.method, N, K, widest, engine.budgetBytes);
    arena.floats(2.0 * chunk * K * widest);
  }

  /** Where a loss has weights, activations and derivatives times their roots. */
  private void weighted(ArenaSize arena, LossFunction loss, boolean averaged, int N) {
    if (loss.weights(ArenaSize.shape(N, loss.targets(outputs()))) == null) {
      return;
    }
    arena.floats(N);
    for (int l = 0; l < layers(); l++) {
      arena.matrix(N, widths[l] + 1);
      if (averaged && l > 0) {
        arena.matrix(N, widths[l]);
      }
    }
  }

  static void checkBudget(long budgetBytes) {
    Check.that(
        budgetBytes > 0,
        "a budget of %d bytes for the square-root factors; it must be positive",
        budgetBytes);
  }

  /** Columns of C of a datapoint. */
  static int columns(Method method, LossFunction loss, int outputs) {
    return method.start() == Method.Start.SAMPLED_GRADIENT ? 1 : loss.rank(outputs);
  }

  /**
   * Datapoints of C held at once. Sampled targets are drawn for the whole batch at once, and one
   * column a datapoint is small.
   *
   * @param K columns of a datapoint
   * @param widest floats of a row of the widest layer
   */
  static int chunk(Method method, int N, int K, int widest, long budgetBytes) {
    if (method.start() == Method.Start.SAMPLED_GRADIENT) {
      return N;
    }
    long bytesOfDatapoint = 2L * Float.BYTES * K * widest;
    long most = Math.min(Integer.MAX_VALUE / Math.max(1L, K), budgetBytes / bytesOfDatapoint);
    return (int) Math.max(1, Math.min(N, most));
  }

  private int layers() {
    return widths.length - 1;
  }

  private int outputs() {
    return widths[layers()];
  }

  /** Of a layer from 1. */
  private boolean diagonal(int l) {
    return diagonalTop && l == layers();
  }
}
