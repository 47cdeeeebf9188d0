package dev.krongauss.curvature;

import dev.krongauss.device.Check;
import dev.krongauss.device.Matrix;
import java.util.Arrays;

/**
 * Device memory of the exact step, in bytes, known before anything is allocated: of the matrix and
 * its inverse, of what factorises it, of the square roots, and of a few copies of the weights. The
 * model's own memory is not in it.
 */
public final class ExactMemory {
  /** What the rows of the Jacobian may take at a time in parameter space, if a datapoint's fit. */
  static final long CHUNK_BYTES = 64L << 20;

  /** Scalars, counters, partial sums. */
  private static final long SMALL = 64L << 10;

  private static final int TILE = 64;

  /** Copies of the weights that a system keeps, beside those of the optimiser. */
  private static final int OF_WEIGHTS = 3;

  private ExactMemory() {}

  /**
   * Bytes for a network and a batch.
   *
   * @param widths d_0 … d_L
   * @param N datapoints of a batch
   * @param K residuals of a datapoint: {@code loss.rank(d_L)}
   * @throws IllegalArgumentException if there are no layers, or a number is not positive
   */
  public static long bytes(ExactSpace space, int[] widths, int N, int K) {
    Check.that(
        widths.length >= 2 && Arrays.stream(widths).allMatch(d -> d >= 1) && N >= 1 && K >= 1,
        "widths %s, N = %d, K = %d: give at least d_0 and d_1, and numbers from 1",
        Arrays.toString(widths),
        N,
        K);
    long P = parameters(widths);
    boolean sample = space.of(N, K, P) == ExactSpace.SAMPLE;
    double floats = OF_WEIGHTS * ofWeights(widths) + 2L * N * pad(widths[widths.length - 1]) + N;
    floats += (double) N * K * pad(widths[widths.length - 1]);
    floats += matrices(sample ? (long) N * K : P);
    floats += sample ? ofSample(widths, N, K) : ofParameters(widths, N, K, P);
    return (long) (4 * floats); // the largest long where it is more
  }

  /**
   * The same with what the optimiser keeps beside the system: gradient, direction, the weights
   * before the step, and the outputs' gradient.
   *
   * @throws IllegalArgumentException as {@link #bytes}
   */
  public static long ofOptimizer(ExactSpace space, int[] widths, int N, int K) {
    double others = 3.0 * ofWeights(widths) + N * (pad(widths[widths.length - 1]) + 1.0);
    return (long) (bytes(space, widths, N, K) + 4 * others + SMALL);
  }

  /** P: all weights, biases among them. */
  public static long parameters(int[] widths) {
    long P = 0;
    for (int l = 1; l < widths.length; l++) {
      P += widths[l] * (widths[l - 1] + 1L);
    }
    return P;
  }

  /** Datapoints whose rows of the Jacobian are formed at once. */
  static int chunk(int N, int K, long P) {
    return (int) Math.max(1, Math.min(N, CHUNK_BYTES / (4 * K * pad(P))));
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

  /** The matrix, its inverse, and the workspace of {@code cholesky_f32}, 2 n² in the end. */
  private static double matrices(long n) {
    double tiles = (n + TILE - 1) / TILE;
    double workspace = (tiles * tiles + 2 * tiles) * TILE * TILE;
    double tasks = 4 * 3 * tiles * (tiles + 1) / 2 + 3 * tiles * tiles;
    return 2.0 * n * pad(n) + workspace + tasks + TILE * n;
  }

  /** C of all layers but the last, four vectors of residuals, and two products of the library. */
  private static double ofSample(int[] widths, long N, long K) {
    double floats = 5.0 * N * K + 2.0 * N * pad(N);
    for (int l = 1; l < widths.length - 1; l++) {
      floats += N * K * pad(widths[l]);
    }
    return floats;
  }

  /** C and the rows of the Jacobian of a chunk, and four vectors of weights. */
  private static double ofParameters(int[] widths, int N, int K, long P) {
    double rows = (double) chunk(N, K, P) * K;
    double floats = 4.0 * P + rows * pad(P);
    for (int l = 1; l < widths.length - 1; l++) {
      floats += rows * pad(widths[l]);
    }
    return floats;
  }

  private static long pad(long columns) {
    return (columns + 31) / 32 * 32;
  }
}
