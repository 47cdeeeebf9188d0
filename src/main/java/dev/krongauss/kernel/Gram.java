package dev.krongauss.kernel;

import static dev.krongauss.kernel.Tiles.distinct;
import static dev.krongauss.kernel.Tiles.tiles;
import static dev.krongauss.kernel.Tiles.whole;

import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.Function;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;

/** The Gram matrix of the columns of X ({@code kernels/gram.cu}). */
public final class Gram {
  private final Function gram;

  /**
   * Loads the kernel.
   *
   * @throws dev.krongauss.device.DeviceException if the device cannot load it
   */
  public Gram(Device device) {
    gram = device.function("gram", "gram_f32");
  }

  /**
   * S = beta S + alpha Xᵀ X, summed over the rows in order.
   *
   * @param X [M][d]
   * @param beta if 0, S is not read
   * @param S [d][d]; its lower triangle is read, both halves are written
   * @throws IllegalArgumentException if the shapes do not fit or S is X
   */
  public void accumulate(Stream s, Matrix X, float alpha, float beta, Matrix S) {
    int d = X.columns();
    Check.shape(S, d, d, "S");
    distinct(S, X, "S", "X");
    gram.on(s)
        .grid(tiles(d), tiles(d), 1)
        .block(Tiles.THREADS, 1, 1)
        .matrix(X)
        .i32(X.stride())
        .i32(whole(X))
        .matrix(S)
        .i32(S.stride())
        .i32(whole(S))
        .i32(X.rows())
        .i32(d)
        .f32(alpha)
        .f32(beta)
        .launch();
  }
}
