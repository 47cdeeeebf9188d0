package dev.krongauss.kernel;

import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.Function;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.group.Elements;
import dev.krongauss.kernel.tile.Tiles;

/**
 * Between the outputs of a batch and the space of its residuals, by the square roots S_n of each
 * datapoint's curvature ({@code kernels/root_space.cu}).
 *
 * <p>C is {@code [N K][d]}, row n K + k the k-th column of S_n; vectors of residuals are {@code
 * [K][N]}.
 */
public final class RootSpace {
  /** The most columns K that {@link #split} takes. */
  public static final int MOST_ROOTS = 32;

  private final Function combine;
  private final Function project;
  private final Function split;

  /**
   * Loads the kernels.
   *
   * @throws dev.krongauss.device.DeviceException if the device cannot load them
   */
  public RootSpace(Device device) {
    combine = device.function("root_space", "root_space_combine_f32");
    project = device.function("root_space", "root_space_project_f32");
    split = device.function("root_space", "root_space_split_f32");
  }

  /**
   * v_n = S_n y_n.
   *
   * @param y [K][N]
   * @param v [N][d]; neither C nor y
   * @throws IllegalArgumentException if the shapes do not fit or v is an input
   */
  public void combine(Stream s, Matrix C, Matrix y, Matrix v) {
    check(C, v, "v");
    residuals(y, C, v, "y");
    Tiles.distinct(v, C, "v", "C");
    Tiles.distinct(v, y, "v", "y");
    combine
        .on(s)
        .grid(Tiles.up(v.rows(), Tiles.ROWS), 1, 1)
        .block(Elements.THREADS, 1, 1)
        .matrix(C)
        .i32(C.stride())
        .matrix(y)
        .i32(y.stride())
        .matrix(v)
        .i32(v.stride())
        .i32(v.rows())
        .i32(C.rows() / v.rows())
        .i32(v.columns())
        .i32(Elements.whole(C, v))
        .launch();
  }

  /**
   * r_n = z_n + S_nᵀ v_n − damping y_n.
   *
   * @param v [N][d]
   * @param z [K][N]
   * @param y [K][N]
   * @param damping device address of a float
   * @param r [K][N]; may be z or y
   * @throws IllegalArgumentException if the shapes do not fit, r is C or v, or the damping has no
   *     address
   */
  public void project(Stream s, Matrix C, Matrix v, Matrix z, Matrix y, long damping, Matrix r) {
    check(C, v, "v");
    residuals(z, C, v, "z");
    residuals(y, C, v, "y");
    residuals(r, C, v, "r");
    Elements.address(damping, "the damping");
    Tiles.distinct(r, C, "r", "C");
    Tiles.distinct(r, v, "r", "v");
    Tiles.rowForRow(r, z, "r", "z");
    Tiles.rowForRow(r, y, "r", "y");
    project
        .on(s)
        .grid(Tiles.up(v.rows(), Tiles.ROWS), 1, 1)
        .block(Elements.THREADS, 1, 1)
        .matrix(C)
        .i32(C.stride())
        .matrix(v)
        .i32(v.stride())
        .matrix(z)
        .i32(z.stride())
        .matrix(y)
        .i32(y.stride())
        .pointer(damping)
        .matrix(r)
        .i32(r.stride())
        .i32(v.rows())
        .i32(C.rows() / v.rows())
        .i32(v.columns())
        .i32(Elements.whole(C, v))
        .launch();
  }

  /**
   * z_n of the least ‖g_n − S_n z_n‖, and what is left: rest_n = g_n − S_n z_n, 0 where it is no
   * more than rounding. Columns that depend on earlier ones have z = 0.
   *
   * @param g [N][d]
   * @param z [K][N], K at most {@link #MOST_ROOTS}
   * @param rest [N][d]; neither C nor g
   * @throws IllegalArgumentException if the shapes do not fit, K is larger, or a result is an input
   */
  public void split(Stream s, Matrix C, Matrix g, Matrix z, Matrix rest) {
    check(C, g, "g");
    residuals(z, C, g, "z");
    Check.shape(rest, g.rows(), g.columns(), "rest");
    Check.that(
        z.rows() <= MOST_ROOTS,
        "square roots of %d columns a datapoint; %d are the most: solve in parameter space",
        z.rows(),
        MOST_ROOTS);
    Tiles.distinct(rest, C, "rest", "C");
    Tiles.distinct(rest, g, "rest", "g");
    Tiles.distinct(z, g, "z", "g");
    split
        .on(s)
        .grid(g.rows(), 1, 1)
        .block(MOST_ROOTS, 1, 1)
        .matrix(C)
        .i32(C.stride())
        .matrix(g)
        .i32(g.stride())
        .matrix(z)
        .i32(z.stride())
        .matrix(rest)
        .i32(rest.stride())
        .i32(z.rows())
        .i32(g.columns())
        .i32(Elements.whole(C, g, rest))
        .launch();
  }

  private static void check(Matrix C, Matrix v, String name) {
    Check.that(
        C.rows() % v.rows() == 0 && C.columns() == v.columns(),
        "square roots [%d][%d] do not fit %s [%d][%d]; they need K rows for each of its rows",
        C.rows(),
        C.columns(),
        name,
        v.rows(),
        v.columns());
  }

  private static void residuals(Matrix r, Matrix C, Matrix v, String name) {
    Check.shape(r, C.rows() / v.rows(), v.rows(), name);
  }
}
