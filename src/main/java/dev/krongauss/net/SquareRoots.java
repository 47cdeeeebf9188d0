package dev.krongauss.net;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Diagonal;
import dev.krongauss.kernel.Root;
import dev.krongauss.kernel.operations.Operations;

/**
 * All that can be made of the square roots C_n of the datapoints' curvatures: their mean, and
 * products with them. The roots are made and consumed in chunks of datapoints.
 *
 * <p>Holds memory for one chunk, at most {@link #BUDGET_BYTES} or one datapoint, which grows only
 * with the batch size.
 */
final class SquareRoots implements AutoCloseable {
  private static final long BUDGET_BYTES = 32 << 20;

  private final Device device;
  private final Operations operations;
  private final Diagonal diagonal;
  private final Root root;
  private final Source source;
  private final long budgetBytes;
  private Arena arena;
  private Buffer memory;
  private long floats;

  /** Writes C {@code [n K][d]} of n datapoints. */
  @FunctionalInterface
  interface Source {
    void squareRoot(Matrix h, Matrix t, Matrix C, Stream stream);
  }

  SquareRoots(Device device, Source source) {
    this(device, source, BUDGET_BYTES);
  }

  SquareRoots(Device device, Source source, long budgetBytes) {
    this.budgetBytes = budgetBytes;
    this.device = device;
    this.operations = Operations.of(device);
    this.diagonal = new Diagonal(device);
    this.root = new Root(device);
    this.source = source;
  }

  /** Takes the memory that batches of N datapoints with d outputs need, if there is less. */
  void reserve(int N, int d, int K, Stream stream) {
    prepare(N, d, K, stream);
  }

  /** H = 1/N Σ C_n C_nᵀ. */
  void mean(Matrix h, Matrix t, int K, Matrix H, Stream stream) {
    int chunk = prepare(h.rows(), h.columns(), K, stream);
    for (int first = 0; first < h.rows(); first += chunk) {
      int n = Math.min(chunk, h.rows() - first);
      Matrix C = roots(h.rows(first, n), t.rows(first, n), K, stream);
      operations.gram(stream, C, 1f / h.rows(), first == 0 ? 0 : 1, H);
    }
  }

  /** The diagonal [1][d] of that alone. */
  void meanDiagonal(Matrix h, Matrix t, int K, Matrix result, Stream stream) {
    int chunk = prepare(h.rows(), h.columns(), K, stream);
    for (int first = 0; first < h.rows(); first += chunk) {
      int n = Math.min(chunk, h.rows() - first);
      Matrix C = roots(h.rows(first, n), t.rows(first, n), K, stream);
      diagonal.gram(stream, C, 1f / h.rows(), first == 0 ? 0 : 1, result);
    }
  }

  /**
   * C_n C_nᵀ v_n of each datapoint, and v_nᵀ times that.
   *
   * @param product [N][d], or null
   * @param quadratic device address of N floats, or 0
   */
  void product(Matrix h, Matrix t, int K, Matrix v, Matrix product, long quadratic, Stream stream) {
    int chunk = prepare(h.rows(), h.columns(), K, stream);
    for (int first = 0; first < h.rows(); first += chunk) {
      int n = Math.min(chunk, h.rows() - first);
      Matrix C = roots(h.rows(first, n), t.rows(first, n), K, stream);
      Matrix out = product == null ? null : product.rows(first, n);
      long values = quadratic == 0 ? 0 : quadratic + 4L * first;
      root.product(stream, C, v.rows(first, n), out, values);
    }
  }

  @Override
  public void close() {
    if (arena != null) {
      arena.close();
    }
  }

  private Matrix roots(Matrix h, Matrix t, int K, Stream stream) {
    int d = h.columns();
    Matrix C = Matrix.wrap(memory.pointer(), h.rows() * K, d, Matrix.paddedStride(d));
    source.squareRoot(h, t, C, stream);
    return C;
  }

  /** Memory for a chunk; gives its datapoints. */
  private int prepare(int N, int d, int K, Stream stream) {
    long each = (long) K * Matrix.paddedStride(d);
    long most = Math.min(Integer.MAX_VALUE / K, budgetBytes / (4 * each));
    int chunk = (int) Math.max(1, Math.min(N, most));
    if (chunk * each > floats) {
      if (stream.capturing()) {
        throw new IllegalStateException(
            String.format(
                "a loss needs memory for square roots of %d datapoints and cannot take it within a"
                    + " capture; call reserve(%d, %d, stream) of its operations before",
                chunk, N, d));
      }
      if (arena != null) {
        stream.synchronize();
        arena.close();
      }
      floats = 0; // until there is memory again
      arena = device.newArena("square roots of a loss");
      memory = arena.floats(chunk * each, "C");
      floats = chunk * each;
    }
    return chunk;
  }
}
