package dev.krongauss.kernel;

import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.Function;
import dev.krongauss.device.Launch;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.tile.Tiles;

/**
 * The steps between the products that take a stack of symmetric matrices, one a datapoint, back
 * through a layer: H ← B Wᵀ H W B + D ({@code kernels/congruence.cu}).
 */
public final class Congruence {
  private static final int SIDE = 32;

  private final Function transpose;
  private final Function scale;

  /**
   * Loads the kernels.
   *
   * @throws dev.krongauss.device.DeviceException if the device cannot load them
   */
  public Congruence(Device device) {
    transpose = device.function("congruence", "congruence_f32__transpose");
    scale = device.function("congruence", "congruence_f32__scale");
  }

  /**
   * Y_n = X_nᵀ of every datapoint.
   *
   * @param X [N·r][c], N matrices [r][c] one below the other
   * @param N datapoints
   * @param Y [N·c][r]
   * @throws IllegalArgumentException if the shapes do not fit, or both are the same memory
   */
  public void transpose(Stream s, Matrix X, int N, Matrix Y) {
    Check.that(
        N >= 1
            && X.rows() % N == 0
            && Y.rows() == (long) N * X.columns()
            && Y.columns() == X.rows() / N,
        "X [%d][%d] and Y [%d][%d] are not stacks of %d matrices and of their transposes",
        X.rows(),
        X.columns(),
        Y.rows(),
        Y.columns(),
        N);
    Tiles.distinct(Y, X, "Y", "X");
    int rows = Y.columns();
    transpose
        .on(s)
        .grid((long) N * Tiles.up(rows, SIDE) * Tiles.up(X.columns(), SIDE), 1, 1)
        .block(Tiles.THREADS, 1, 1)
        .matrix(X)
        .i32(X.stride())
        .matrix(Y)
        .i32(Y.stride())
        .i32(rows)
        .i32(X.columns())
        .launch();
  }

  /**
   * H_n = diag(b_n) M_n diag(b_n) + diag(D_n) of every datapoint; both halves are written, equal
   * bit for bit.
   *
   * @param M [N·d][d], N symmetric matrices one below the other, lower triangles read
   * @param b [N][d], or null for ones
   * @param D [N][d], or null for zeros
   * @param H [N·d][d], may be M with its stride
   * @throws IllegalArgumentException if the shapes do not fit
   */
  public void scale(Stream s, Matrix M, Matrix b, Matrix D, Matrix H) {
    int d = M.columns();
    Check.that(M.rows() % d == 0, "M [%d][%d] is not a stack of square matrices", M.rows(), d);
    int N = M.rows() / d;
    Check.shape(H, M.rows(), d, "H");
    Tiles.rowForRow(H, M, "H", "M");
    Launch launch =
        scale.on(s).grid(N * Tiles.lower(Tiles.up(d, SIDE)), 1, 1).block(Tiles.THREADS, 1, 1);
    launch.matrix(M).i32(M.stride());
    optional(launch, b, N, d, "b");
    optional(launch, D, N, d, "D");
    launch.matrix(H).i32(H.stride()).i32(d).launch();
  }

  private static void optional(Launch launch, Matrix matrix, int N, int d, String name) {
    if (matrix == null) {
      launch.pointer(0).i32(0);
      return;
    }
    Check.shape(matrix, N, d, name);
    launch.matrix(matrix).i32(matrix.stride());
  }
}
