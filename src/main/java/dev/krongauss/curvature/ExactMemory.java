package dev.krongauss.curvature;

import dev.krongauss.device.Check;
import dev.krongauss.device.Matrix;
import dev.krongauss.kernel.operations.SampleProducts;
import java.util.Arrays;

/**
 * Device memory of the exact step, in bytes, known before anything is allocated: of the matrix and
 * its inverse, of what factorises it, of the square roots, and of a few copies of the weights. The
 * model's own memory is not in it.
 */
public final class ExactMemory {
  /** What the rows of the Jacobian may take at a time in parameter space, if a datapoint's fit. */
  static final long CHUNK_BYTES = 64L << 20;

  private static final long CACHE_BYTES = 1L << 20;
  private static final int LEAST_ROWS = 256;

  /** Scalars, counters, partial sums. */
  private static final long SMALL = 64L << 10;

  private static final int TILE = 64;
  private static final double MOST_WEIGHTS = 0x1p53;

  private ExactMemory() {}

  /**
   * Bytes for a network and a batch.
   *
   * @param widths d_0 … d_L
   * @param N datapoints of a batch
   * @param K residuals of a datapoint: {@code loss.rank(d_L)}
   * @param geodesic whether steps are bent
   * @throws IllegalArgumentException if there are no layers, or a number is not positive
   */
  public static long bytes(ExactSpace space, int[] widths, int N, int K, boolean geodesic) {
    return bytes(space, widths, N, K, 1, geodesic);
  }

  /**
   * The same for datapoints of several rows.
   *
   * @param N rows of a batch
   * @param stack rows of a datapoint, {@code loss.stack()}
   * @throws IllegalArgumentException as {@link #bytes(ExactSpace, int[], int, int, boolean)}, or if
   *     N is no multiple of stack
   */
  public static long bytes(
      ExactSpace space, int[] widths, int N, int K, int stack, boolean geodesic) {
    Check.that(
        widths.length >= 2 && Arrays.stream(widths).allMatch(d -> d >= 1) && N >= 1 && K >= 1,
        "widths %s, N = %d, K = %d: give at least d_0 and d_1, and numbers from 1",
        Arrays.toString(widths),
        N,
        K);
    Check.that(
        stack >= 1 && N % stack == 0,
        "%d rows for datapoints of %d rows; give a multiple",
        N,
        stack);
    Check.that(
        weights(widths) < MOST_WEIGHTS,
        "widths %s are %.3g weights; no device holds the 2^53 or more that cannot be counted: take smaller layers",
        Arrays.toString(widths),
        weights(widths));
    long P = parameters(widths);
    boolean sample = space.of(N, K, P) == ExactSpace.SAMPLE;
    double floats = LinearisedPasses.floats(widths, N, geodesic);
    floats += (double) N * K * pad(widths[widths.length - 1]);
    floats += matrices(sample ? (long) N * K : P);
    floats += sample ? ofSample(widths, N, K, P) : ofParameters(widths, N, K, P, stack);
    floats += geodesic && !sample ? 2.0 * P : 0;
    return (long) (4 * floats); // the largest long where it is more
  }

  /**
   * The same with what the optimiser keeps beside the system: gradient, direction, the weights
   * before the step, the bend of a geodesic step, and the outputs' gradient.
   *
   * @throws IllegalArgumentException as {@link #bytes}
   */
  public static long ofOptimizer(ExactSpace space, int[] widths, int N, int K, boolean geodesic) {
    return ofOptimizer(space, widths, N, K, 1, geodesic);
  }

  /**
   * The same for datapoints of several rows.
   *
   * @throws IllegalArgumentException as {@link #bytes(ExactSpace, int[], int, int, int, boolean)}
   */
  public static long ofOptimizer(
      ExactSpace space, int[] widths, int N, int K, int stack, boolean geodesic) {
    double copies = geodesic ? 4 : 3;
    double others = copies * ofWeights(widths) + N * (pad(widths[widths.length - 1]) + 1.0);
    return (long) (bytes(space, widths, N, K, stack, geodesic) + 4 * others + SMALL);
  }

  /** The same for steps that are not bent. */
  public static long ofOptimizer(ExactSpace space, int[] widths, int N, int K) {
    return ofOptimizer(space, widths, N, K, false);
  }

  /** P: all weights, biases among them. */
  public static long parameters(int[] widths) {
    long P = 0;
    for (int l = 1; l < widths.length; l++) {
      P += widths[l] * (widths[l - 1] + 1L);
    }
    return P;
  }

  private static double weights(int[] widths) {
    double P = 0;
    for (int l = 1; l < widths.length; l++) {
      P += widths[l] * (widths[l - 1] + 1.0);
    }
    return P;
  }

  /** Datapoints whose rows of the Jacobian are formed at once. */
  static int chunk(int N, int K, long P) {
    return (int) Math.max(1, Math.min(N, CHUNK_BYTES / (4 * K * pad(P))));
  }

  /**
   * Datapoints whose rows a processor's cache holds from where they are formed to where a library
   * multiplies them; enough for its products.
   */
  static int cached(int K, long P) {
    return (int) Math.max((LEAST_ROWS + K - 1) / K, CACHE_BYTES / (4 * K * pad(P)));
  }

  /** d_0 … d_L of weights [d_l][d_{l-1} + 1]. */
  public static int[] widths(Iterable<Matrix> W) {
    int[] widths = new int[1];
    for (Matrix layer : W) {
      widths[widths.length - 1] = layer.columns() - 1;
      widths = Arrays.copyOf(widths, widths.length + 1);
      widths[widths.length - 1] = layer.rows();
    }
    return widths;
  }

  /** Floats of weights as they lie in memory. */
  static long ofWeights(int[] widths) {
    long floats = 0;
    for (int l = 1; l < widths.length; l++) {
      floats += widths[l] * pad(widths[l - 1] + 1L);
    }
    return floats;
  }

  /**
   * The matrix, its inverse, a vector and its product, and the workspace of {@code cholesky_f32}, 2
   * n² in the end.
   */
  private static double matrices(long n) {
    double tiles = (n + TILE - 1) / TILE;
    double workspace = (tiles * tiles + 2 * tiles) * TILE * TILE;
    double tasks = 4 * 3 * tiles * (tiles + 1) / 2 + 3 * tiles * tiles;
    return (2.0 * n + 2) * pad(n) + workspace + tasks + TILE * n;
  }

  /**
   * C of all layers but the last, eight vectors of residuals and three of weights in double, z and
   * the rest, and two strips of the library.
   */
  private static double ofSample(int[] widths, long N, long K, long P) {
    double floats = 17.0 * N * K + 6.0 * P + SampleProducts.floats((int) N);
    floats += N * pad(widths[widths.length - 1]);
    for (int l = 1; l < widths.length - 1; l++) {
      floats += N * K * pad(widths[l]);
    }
    return floats;
  }

  /** C and the rows of the Jacobian of a chunk, six vectors of weights and one of residuals. */
  private static double ofParameters(int[] widths, int N, int K, long P, int stack) {
    double rows = (double) chunk(N / stack, K, P) * K;
    double floats = 13.0 * P + 2.0 * N * K + rows * pad(P);
    for (int l = 1; l < widths.length - 1; l++) {
      floats += rows * stack * pad(widths[l]);
    }
    return floats;
  }

  private static long pad(long columns) {
    return (columns + 31) / 32 * 32;
  }
}
