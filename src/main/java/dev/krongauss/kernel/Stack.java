package dev.krongauss.kernel;

import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.Function;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.group.Elements;
import dev.krongauss.kernel.tile.Tiles;

/** Sums over the rows of a datapoint, in double ({@code kernels/stack.cu}). */
public final class Stack {
  private final Function stack;

  /**
   * Loads the kernel.
   *
   * @throws dev.krongauss.device.DeviceException if the device cannot load it
   */
  public Stack(Device device) {
    stack = device.function("stack", "stack_f64");
  }

  /**
   * r_kn = 1/√m Σ over the m rows of row n's datapoint, in place. Twice it is the sum itself.
   *
   * @param stop device address of an int, where it is not 0 nothing happens, or 0
   * @param r device address of doubles [K][N]
   * @param m rows of a datapoint
   * @throws IllegalArgumentException if N is no multiple of m, or r has no address
   */
  public void add(Stream s, long stop, long r, int K, int N, int m) {
    Check.that(
        K >= 1 && N >= 1 && m >= 1 && N % m == 0,
        "%d rows of %d residuals in datapoints of %d rows; rows are a multiple of these",
        N,
        K,
        m);
    Elements.address(r, "the residuals");
    int sums = Check.count((long) K * (N / m), "residuals of a batch");
    stack
        .on(s)
        .grid(Tiles.up(sums, Elements.THREADS), 1, 1)
        .block(Elements.THREADS, 1, 1)
        .pointer(stop)
        .pointer(r)
        .i32(sums)
        .i32(m)
        .i64(Double.doubleToRawLongBits(1 / Math.sqrt(m)))
        .launch();
  }
}
