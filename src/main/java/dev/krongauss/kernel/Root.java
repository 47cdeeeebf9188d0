package dev.krongauss.kernel;

import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.Function;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.group.Elements;
import dev.krongauss.kernel.tile.Tiles;

/**
 * Products with matrices that are given by square roots, one for each datapoint ({@code
 * kernels/root.cu}).
 */
public final class Root {
  private final Function product;

  /**
   * Loads the kernel.
   *
   * @throws dev.krongauss.device.DeviceException if the device cannot load it
   */
  public Root(Device device) {
    product = device.function("root", "root_product_f32");
  }

  /**
   * Σ_k c_nk (c_nk·v_n) and Σ_k (c_nk·v_n)²; either may be left out.
   *
   * @param C [N K][d], row n K + k is c_nk; K follows from its rows and v's
   * @param v [N][d]
   * @param product [N][d], neither C nor v; null if not wanted
   * @param quadratic device address of N floats, or 0
   * @throws IllegalArgumentException if the shapes do not fit, or both results are left out
   */
  public void product(Stream s, Matrix C, Matrix v, Matrix product, long quadratic) {
    int N = v.rows();
    Check.that(
        C.rows() % N == 0 && C.columns() == v.columns(),
        "square roots [%d][%d] do not fit v [%d][%d]; they need K rows for each of v's",
        C.rows(),
        C.columns(),
        N,
        v.columns());
    Check.that(product != null || quadratic != 0, "neither the product nor vᵀ A v is asked for");
    if (product != null) {
      Check.shape(product, N, v.columns(), "product");
      Tiles.distinct(product, v, "product", "v");
      Tiles.distinct(product, C, "product", "C");
    }
    this.product
        .on(s)
        .grid(Tiles.up(N, Tiles.ROWS), 1, 1)
        .block(Elements.THREADS, 1, 1)
        .matrix(C)
        .i32(C.stride())
        .matrix(v)
        .i32(v.stride())
        .pointer(product == null ? 0 : product.pointer())
        .i32(product == null ? 0 : product.stride())
        .pointer(quadratic)
        .i32(N)
        .i32(C.rows() / N)
        .i32(v.columns())
        .i32(Elements.whole(C, v, product))
        .launch();
  }
}
