package dev.krongauss.kernel.operations;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Hadamard;
import dev.krongauss.kernel.SampleGram;
import java.util.List;

/**
 * The Gauss-Newton matrix in the space of residuals, by {@link SampleGram} in one launch, or by a
 * library's products with {@link Hadamard} behind them.
 *
 * <p>A library goes by strips of {@link #STRIP} datapoints, up to the diagonal: half of the
 * products, and of both Grams only what a processor's cache holds.
 */
public final class SampleProducts {
  /** Rows of a strip. */
  static final int STRIP = 128;

  private final Operations operations;
  private final SampleGram kernel;
  private final Hadamard hadamard;
  private final Matrix inputs;
  private final Matrix roots;

  /**
   * Takes memory for two strips [128][N] where a library multiplies.
   *
   * @param N datapoints of a batch
   */
  public SampleProducts(Operations operations, Arena arena, int N) {
    this.operations = operations;
    this.kernel = new SampleGram(operations.device());
    this.hadamard = new Hadamard(operations.device());
    boolean libraries = !operations.averagesGrams();
    int rows = Math.min(N, STRIP);
    this.inputs = libraries ? arena.matrix(rows, N, "Gram of some inputs") : null;
    this.roots = libraries ? arena.matrix(rows, N, "Gram of some square roots") : null;
  }

  /** The most floats of memory that are taken for N datapoints. */
  public static double floats(int N) {
    return 2.0 * Math.min(N, STRIP) * ((N + 31L) / 32 * 32);
  }

  /**
   * As {@link SampleGram#gram}; the lower triangle of M is valid.
   *
   * @throws IllegalArgumentException as there
   */
  public void gram(Stream s, List<Matrix> a, List<Matrix> C, float scale, Matrix M) {
    if (inputs == null) {
      kernel.gram(s, a, C, scale, M);
      return;
    }
    int N = a.get(0).rows();
    for (int begin = 0; begin < N; begin += STRIP) {
      for (int l = 0; l < a.size(); l++) {
        strip(s, a.get(l), C.get(l), scale, begin, l == 0, M);
      }
    }
  }

  /** Adds a layer to the rows of M of some datapoints, all their roots. */
  private void strip(
      Stream s, Matrix a, Matrix C, float scale, int begin, boolean first, Matrix M) {
    int N = a.rows();
    int K = C.rows() / N;
    int n = Math.min(STRIP, N - begin);
    int reach = K == 1 ? begin + n : N; // other roots meet all datapoints
    Matrix gram = inputs.rows(0, n).columns(reach);
    operations.product(s, false, a.rows(begin, n), true, a.rows(0, reach), scale, 0, gram);
    for (int k = 0; k < K; k++) {
      for (int other = 0; other <= k; other++) {
        int columns = other == k ? begin + n : N;
        Matrix left = root(C, k, K).rows(begin, n);
        Matrix right = root(C, other, K).rows(0, columns);
        Matrix product = roots.rows(0, n).columns(columns);
        operations.product(s, false, left, true, right, 1, 0, product);
        add(s, product, gram.columns(columns), first, block(M, k * N + begin, other * N, product));
      }
    }
  }

  private void add(Stream s, Matrix product, Matrix gram, boolean first, Matrix block) {
    if (first) {
      hadamard.product(s, product, gram, block);
    } else {
      hadamard.addProduct(s, product, gram, block, block);
    }
  }

  private static Matrix block(Matrix M, int row, int column, Matrix like) {
    long place = M.pointer() + 4L * ((long) row * M.stride() + column);
    return Matrix.wrap(place, like.rows(), like.columns(), M.stride());
  }

  /** The k-th column of each datapoint's square root: every K-th row. */
  private static Matrix root(Matrix C, int k, int K) {
    return Matrix.wrap(
        C.pointer() + 4L * k * C.stride(), C.rows() / K, C.columns(), K * C.stride());
  }
}
