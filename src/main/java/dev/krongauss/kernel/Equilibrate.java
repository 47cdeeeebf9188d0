package dev.krongauss.kernel;

import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.Function;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.group.Elements;
import dev.krongauss.kernel.tile.Tiles;

/** Symmetric matrices scaled to a unit diagonal ({@code kernels/equilibrate.cu}). */
public final class Equilibrate {
  private final Function roots;
  private final Function scale;

  /**
   * Loads the kernels.
   *
   * @throws dev.krongauss.device.DeviceException if the device cannot load them
   */
  public Equilibrate(Device device) {
    roots = device.function("equilibrate", "equilibrate_f32__roots");
    scale = device.function("equilibrate", "equilibrate_f32__scale");
  }

  /**
   * e_i = (S_ii + η)^(−1/2), 1 where that is nothing, and S_ij = e_i e_j (S + ηI)_ij.
   *
   * @param S [n][n], lower triangle read and written
   * @param eta at least 0
   * @param e [1][n], not S
   * @throws IllegalArgumentException if shapes do not fit, e is S, or eta is negative
   */
  public void scale(Stream s, Matrix S, float eta, Matrix e) {
    int n = Tiles.square(S, "S");
    Check.shape(e, 1, n, "e");
    Check.that(eta >= 0, "eta %s must be at least 0", eta);
    Tiles.distinct(e, S, "e", "S");
    roots
        .on(s)
        .grid(Tiles.up(n, Elements.THREADS), 1, 1)
        .block(Elements.THREADS, 1, 1)
        .matrix(S)
        .i32(S.stride())
        .i32(n)
        .f32(eta)
        .matrix(e)
        .launch();
    Elements.grid(scale.on(s), S).matrix(S).i32(S.stride()).i32(n).f32(eta).matrix(e).launch();
  }
}
