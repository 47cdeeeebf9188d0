package dev.krongauss.kernel;

import static dev.krongauss.kernel.Tiles.aligned;
import static dev.krongauss.kernel.Tiles.distinct;
import static dev.krongauss.kernel.Tiles.square;
import static dev.krongauss.kernel.Tiles.up;
import static dev.krongauss.kernel.Tiles.whole;

import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.Function;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;

/** Moving average of a symmetric factor ({@code kernels/average.cu}). */
public final class Average {
  private final Function lower;

  /**
   * Loads the kernel.
   *
   * @throws dev.krongauss.device.DeviceException if the device cannot load it
   */
  public Average(Device device) {
    lower = device.function("average", "average_f32__lower");
  }

  /**
   * S = beta S + (1 − beta) X on the lower triangle; S is not read if beta is 0.
   *
   * @param X [d][d], lower triangle read
   * @param S [d][d], not the same memory
   * @throws IllegalArgumentException if the shapes do not fit or beta is outside of [0, 1)
   */
  public void lower(Stream s, Matrix X, float beta, Matrix S) {
    lower(s, X, beta, S, 0);
  }

  /**
   * The same, with beta taken as 0 where a device int is positive.
   *
   * @param restart device address of that int, or 0 for none
   */
  public void lower(Stream s, Matrix X, float beta, Matrix S, long restart) {
    int d = square(S, "S");
    Check.shape(X, d, d, "X");
    distinct(X, S, "X", "S");
    Check.that(beta >= 0 && beta < 1, "moving-average weight %s is outside of [0, 1)", beta);
    lower
        .on(s)
        .grid(up(d, Tiles.ROWS), up(d, Tiles.CHUNK), 1)
        .block(Tiles.THREADS, 1, 1)
        .matrix(X)
        .i32(X.stride())
        .matrix(S)
        .i32(S.stride())
        .i32(d)
        .i32(whole(d, aligned(X) && aligned(S)))
        .f32(beta)
        .pointer(restart)
        .launch();
  }
}
