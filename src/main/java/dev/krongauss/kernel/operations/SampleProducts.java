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
 */
public final class SampleProducts {
  private final Operations operations;
  private final SampleGram kernel;
  private final Hadamard hadamard;
  private final Matrix inputs;
  private final Matrix roots;

  /**
   * Takes memory [N][N] twice where a library multiplies.
   *
   * @param N datapoints of a batch
   */
  public SampleProducts(Operations operations, Arena arena, int N) {
    this.operations = operations;
    this.kernel = new SampleGram(operations.device());
    this.hadamard = new Hadamard(operations.device());
    boolean libraries = !operations.averagesGrams();
    this.inputs = libraries ? arena.matrix(N, N, "Gram of the inputs") : null;
    this.roots = libraries ? arena.matrix(N, N, "Gram of the square roots") : null;
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
    for (int l = 0; l < a.size(); l++) {
      operations.product(s, false, a.get(l), true, a.get(l), scale, 0, inputs);
      addLayer(s, C.get(l), l == 0, M);
    }
  }

  private void addLayer(Stream s, Matrix C, boolean first, Matrix M) {
    int N = inputs.rows();
    int K = C.rows() / N;
    for (int k = 0; k < K; k++) {
      for (int other = 0; other <= k; other++) {
        operations.product(s, false, root(C, k, K), true, root(C, other, K), 1, 0, roots);
        long place = M.pointer() + 4L * ((long) k * N * M.stride() + (long) other * N);
        Matrix block = Matrix.wrap(place, N, N, M.stride());
        if (first) {
          hadamard.product(s, roots, inputs, block);
        } else {
          hadamard.addProduct(s, roots, inputs, block, block);
        }
      }
    }
  }

  /** The k-th column of each datapoint's square root: every K-th row. */
  private static Matrix root(Matrix C, int k, int K) {
    return Matrix.wrap(
        C.pointer() + 4L * k * C.stride(), C.rows() / K, C.columns(), K * C.stride());
  }
}
