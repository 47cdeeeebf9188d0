package dev.krongauss.kernel.group;

import dev.krongauss.device.Check;
import dev.krongauss.device.Launch;
import dev.krongauss.device.Matrix;
import dev.krongauss.kernel.tile.Tiles;

/**
 * What the launchers of the element-wise and row-wise kernels share: the geometry of {@code
 * kernels/rows.cuh}.
 *
 * <p>Public for the launchers; no part of the API.
 */
public final class Elements {
  /** Threads of every block. */
  public static final int THREADS = 256;

  private Elements() {}

  /** A warp a row, a block for {@link Tiles#ROWS} rows and {@link Tiles#CHUNK} columns. */
  public static Launch grid(Launch launch, Matrix matrix) {
    return launch
        .grid(Tiles.up(matrix.rows(), Tiles.ROWS), Tiles.up(matrix.columns(), Tiles.CHUNK), 1)
        .block(THREADS, 1, 1);
  }

  /** Blocks of {@link #grid}. */
  public static int blocks(Matrix matrix) {
    return Check.count(
        (long) Tiles.up(matrix.rows(), Tiles.ROWS) * Tiles.up(matrix.columns(), Tiles.CHUNK),
        "blocks for " + matrix);
  }

  /** Blocks where a warp takes {@link Tiles#CHUNK} elements side by side, over the ends of rows. */
  public static int flatBlocks(Matrix matrix) {
    long chunk = (long) Tiles.ROWS * Tiles.CHUNK;
    return Check.count(
        ((long) matrix.rows() * matrix.columns() + chunk - 1) / chunk, "blocks for " + matrix);
  }

  /**
   * Leading columns that go by fours: all matrices must allow it. A null matrix does not object.
   */
  public static int whole(Matrix first, Matrix... others) {
    boolean aligned = Tiles.aligned(first);
    for (Matrix other : others) {
      aligned &= Tiles.alignedOrNull(other);
    }
    return Tiles.whole(first.columns(), aligned);
  }

  /** A scalar or a vector on the device must have an address, a multiple of 4. */
  public static void address(long pointer, String name) {
    Check.that(
        pointer != 0 && pointer % 4 == 0,
        "device address 0x%x of %s is null or not a multiple of 4",
        pointer,
        name);
  }
}
