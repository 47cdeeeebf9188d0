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

  /**
   * Loads the kernel.
   *
   * @throws dev.krongauss.device.DeviceException if the device cannot load it
   */
  public RowKronecker(Device device) {
    rows = device.function("row_kronecker", "row_kronecker_f32");
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
    Check.that(
        C.rows() % a.rows() == 0,
        "square roots [%d][%d] do not fit inputs [%d][%d]; they need K rows for each datapoint",
        C.rows(),
        C.columns(),
        a.rows(),
        a.columns());
    int columns = Check.count((long) C.columns() * a.columns(), "weights of a layer");
    Check.shape(X, C.rows(), columns, "X");
    Tiles.distinct(X, C, "X", "C");
    Tiles.distinct(X, a, "X", "a");
    Elements.grid(rows.on(s), X)
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
        .launch();
  }
}
