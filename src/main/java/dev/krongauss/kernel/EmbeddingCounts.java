package dev.krongauss.kernel;

import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.Function;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.argument.PositionSet;
import dev.krongauss.kernel.group.Elements;
import dev.krongauss.kernel.tile.Tiles;

/** How often rows of an embedding are looked up ({@code kernels/embedding_counts.cu}). */
public final class EmbeddingCounts {
  private final Function add;
  private final Function finish;

  /**
   * Loads the kernels.
   *
   * @throws dev.krongauss.device.DeviceException if the device cannot load them
   */
  public EmbeddingCounts(Device device) {
    add = device.function("embedding_counts", "embedding_counts_f32__add");
    finish = device.function("embedding_counts", "embedding_counts_f32");
  }

  /** Bytes of the counters of an embedding with {@code size} rows. */
  public static long bytes(int size) {
    return 8L * (size + 1L);
  }

  /**
   * q_i = 1/Z Σ v_j over the rows j with index i: three operations, the first of which clears the
   * counters.
   *
   * @param index device address of ints {@code [N T]}; one outside of 0 … size − 1 in a row that
   *     counts makes all of q NaN
   * @param counters device address, {@link #bytes} bytes
   * @param q {@code [1][size]}
   * @throws IllegalArgumentException if q is no row or an address is misaligned
   */
  public void mean(Stream s, PositionSet p, long index, long counters, Matrix q) {
    int size = q.columns();
    Check.shape(q, 1, size, "q");
    Elements.address(index, "index");
    Check.that(counters != 0 && counters % 8 == 0, "counters at 0x%x, no multiple of 8", counters);
    int groups = p.groups(p.rows());
    s.clear(counters, bytes(size));
    p.write(add.on(s).grid(Tiles.up(groups, Tiles.THREADS), 1, 1).block(Tiles.THREADS, 1, 1))
        .pointer(index)
        .pointer(counters)
        .i32(groups)
        .i32(size)
        .launch();
    p.write(finish.on(s).grid(Tiles.up(size, Tiles.THREADS), 1, 1).block(Tiles.THREADS, 1, 1))
        .pointer(counters)
        .matrix(q)
        .i32(size)
        .launch();
  }
}
