package dev.krongauss.kernel;

import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.Function;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.group.Elements;
import dev.krongauss.kernel.tile.Tiles;

/** Rows of a layer's Jacobian ({@code kernels/row_kronecker.cu}). */
public final class RowKronecker {
  private final Function rows;
  private final Function sums;

  /**
   * Loads the kernel.
   *
   * @throws dev.krongauss.device.DeviceException if the device cannot load it
   */
  public RowKronecker(Device device) {
    rows = device.function("row_kronecker", "row_kronecker_f32");
    sums = device.function("row_kronecker", "row_kronecker_sum_f32");
  }

  /**
   * X[r][i I + j] = C[r][i] ā[n][j], r = n K + k.
   *
   * @param C square roots [N K][d]; K follows from its rows and those of a
   * @param a inputs ā [N][I]
   * @param X [N K][d I], weights [d][I] row by row; neither C nor a
   * @throws IllegalArgumentException if the shapes do not fit or X is an input
   */
  public void rows(Stream s, Matrix C, Matrix a, Matrix X) {
    int columns = check(C, a, X, C.rows());
    int units = Math.max(1, Tiles.CHUNK / a.columns());
    rows.on(s)
        .grid(Tiles.up(X.rows(), Tiles.ROWS), Tiles.up(C.columns(), units), 1)
        .block(Elements.THREADS, 1, 1)
        .matrix(C)
        .i32(C.stride())
        .matrix(a)
        .i32(a.stride())
        .matrix(X)
        .i32(X.stride())
        .i32(X.rows())
        .i32(C.rows() / a.rows())
        .i32(a.columns())
        .i32(columns)
        .i32(units)
        .launch();
  }

  /**
   * X[g K + k][i I + j] = Σ_u C[(g m + u) K + k][i] ā[g m + u][j], u = 0 … m − 1: of datapoints
   * that are m rows each.
   *
   * @param C square roots [N K][d]; K follows from its rows and those of a
   * @param a inputs ā [N][I], N a multiple of m
   * @param stack m, at least 1
   * @param X [N K / m][d I], weights [d][I] row by row; neither C nor a
   * @throws IllegalArgumentException if the shapes do not fit or X is an input
   */
  public void sums(Stream s, Matrix C, Matrix a, int stack, Matrix X) {
    Check.that(
        stack >= 1 && a.rows() % stack == 0,
        "inputs [%d][%d] of datapoints of %d rows; they need a multiple of these",
        a.rows(),
        a.columns(),
        stack);
    int columns = check(C, a, X, C.rows() / stack);
    Elements.grid(sums.on(s), X)
        .matrix(C)
        .i32(C.stride())
        .matrix(a)
        .i32(a.stride())
        .matrix(X)
        .i32(X.stride())
        .i32(X.rows())
        .i32(C.rows() / a.rows())
        .i32(stack)
        .i32(a.columns())
        .i32(columns)
        .launch();
  }

  /** The columns of X. */
  private static int check(Matrix C, Matrix a, Matrix X, int rows) {
    Check.that(
        C.rows() % a.rows() == 0,
        "square roots [%d][%d] do not fit inputs [%d][%d]; they need K rows for each datapoint",
        C.rows(),
        C.columns(),
        a.rows(),
        a.columns());
    int columns = Check.count((long) C.columns() * a.columns(), "weights of a layer");
    Check.shape(X, rows, columns, "X");
    Tiles.distinct(X, C, "X", "C");
    Tiles.distinct(X, a, "X", "a");
    return columns;
  }
}
