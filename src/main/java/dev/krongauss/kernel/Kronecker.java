package dev.krongauss.kernel;

import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.Function;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.tile.Tiles;

/** Means of Kronecker products over the datapoints ({@code kernels/kronecker.cu}). */
public final class Kronecker {
  /** Sub-blocks a side of what a block of threads computes. */
  private static final int SUB = 4;

  /** The widest H_n whose elements an int counts. */
  private static final int WIDEST = 46340;

  private final Function kernel;

  /**
   * Loads the kernel.
   *
   * @throws dev.krongauss.device.DeviceException if the device cannot load it
   */
  public Kronecker(Device device) {
    kernel = device.function("kronecker", "kronecker_f32");
  }

  /**
   * K = [K +] scale Σ_n (a_n a_nᵀ) ⊗ H_n, symmetric, both halves written.
   *
   * @param a [N][I]
   * @param H [N·d][d], N symmetric matrices one below the other; both halves are read
   * @param scale 1/N for a mean
   * @param add whether K, an earlier result or 0, is added to, or overwritten
   * @param K [I·d][I·d], element (j, i), (j', i') at row j·d + i, column j'·d + i'
   * @throws IllegalArgumentException if the shapes do not fit
   */
  public void mean(Stream s, Matrix a, Matrix H, float scale, boolean add, Matrix K) {
    int d = H.columns();
    Check.that(d <= WIDEST, "H is [%d][%d]; at most %d columns can be", H.rows(), d, WIDEST);
    Check.shape(H, Check.count((long) a.rows() * d, "rows of H"), d, "H");
    int side = Check.count((long) a.columns() * d, "rows of K");
    Check.shape(K, side, side, "K");
    kernel
        .on(s)
        .grid(Tiles.lower(Tiles.up(a.columns(), SUB)) * Tiles.up(d * d, Tiles.THREADS), 1, 1)
        .block(Tiles.THREADS, 1, 1)
        .matrix(a)
        .i32(a.stride())
        .matrix(H)
        .i32(H.stride())
        .matrix(K)
        .i32(K.stride())
        .i32(a.rows())
        .i32(a.columns())
        .i32(d)
        .f32(scale)
        .i32(add ? 1 : 0)
        .launch();
  }
}
