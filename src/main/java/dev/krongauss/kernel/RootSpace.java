package dev.krongauss.kernel;

import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.Function;
import dev.krongauss.device.Launch;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.group.Elements;
import dev.krongauss.kernel.tile.Tiles;

/**
 * The outputs' gradients in the space of a batch's residuals, by the square roots S_n of each
 * datapoint's curvature ({@code kernels/root_space.cu}).
 *
 * <p>C is {@code [N K][d]}, row n K + k the k-th column of S_n; vectors of residuals are {@code
 * [K][N]}.
 */
public final class RootSpace {
  /** The most columns K that {@link #split} takes: three vectors of them in 48 KiB. */
  public static final int MOST_ROOTS = 4000;

  /** The most that a warp does by itself. */
  private static final int FEW = 32;

  private final Function split;
  private final Function splitWide;

  /**
   * Loads the kernels.
   *
   * @throws dev.krongauss.device.DeviceException if the device cannot load them
   */
  public RootSpace(Device device) {
    split = device.function("root_space", "root_space_split_f32");
    splitWide = device.function("root_space", "root_space_split_f32__wide");
  }

  /** Whether {@link #split} of K columns overwrites its scratch. */
  public static boolean needsScratch(int K) {
    return K > FEW;
  }

  /**
   * z_n of the least ‖g_n − S_n z_n‖, and what is left: rest_n = g_n − S_n z_n, 0 where it is no
   * more than rounding. Columns that depend on earlier ones have z = 0.
   *
   * @param g [N][d]
   * @param z [K][N], K at most {@link #MOST_ROOTS}
   * @param rest [N][d]; neither C nor g
   * @param scratch device address of [N][K][K] floats where {@link #needsScratch}, else 0
   * @throws IllegalArgumentException if the shapes do not fit, K is larger, the scratch is missing,
   *     or a result is an input
   */
  public void split(Stream s, Matrix C, Matrix g, Matrix z, Matrix rest, long scratch) {
    check(C, g, "g");
    residuals(z, C, g, "z");
    Check.shape(rest, g.rows(), g.columns(), "rest");
    int K = z.rows();
    Check.that(
        K <= MOST_ROOTS,
        "square roots of %d columns a datapoint; %d are the most: solve in parameter space",
        K,
        MOST_ROOTS);
    Tiles.distinct(rest, C, "rest", "C");
    Tiles.distinct(rest, g, "rest", "g");
    Tiles.distinct(z, g, "z", "g");
    boolean wide = needsScratch(K);
    if (wide) {
      Elements.address(scratch, "the scratch");
    }
    Launch launch = (wide ? splitWide : split).on(s).grid(g.rows(), 1, 1);
    launch.block(wide ? Elements.THREADS : FEW, 1, 1).shared(wide ? 12 * K : 0);
    launch.matrix(C).i32(C.stride()).matrix(g).i32(g.stride()).matrix(z).i32(z.stride());
    launch.matrix(rest).i32(rest.stride());
    if (wide) {
      launch.pointer(scratch);
    }
    launch.i32(K).i32(g.columns()).i32(Elements.whole(C, g, rest)).launch();
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
