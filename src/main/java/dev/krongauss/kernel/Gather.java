package dev.krongauss.kernel;

import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.Function;
import dev.krongauss.device.Launch;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.group.Elements;
import dev.krongauss.kernel.group.Groups;
import dev.krongauss.kernel.tile.Tiles;
import java.util.List;

/** Chosen rows of matrices that stay on the device ({@code kernels/gather.cu}). */
public final class Gather {
  private final Function gather;

  /**
   * Loads the kernel.
   *
   * @throws dev.krongauss.device.DeviceException if the device cannot load it
   */
  public Gather(Device device) {
    gather = device.function("gather", "gather_f32");
  }

  /**
   * Row i of {@code to[k]} is row {@code order[i]} of {@code from[k]}, bit by bit. One launch for
   * up to 32 matrices.
   *
   * @param order address of as many ints on the device as {@code to} has rows, each a row of all
   *     {@code from}
   * @param from matrices {@code [M][d]}, each with a d of its own
   * @param to as many matrices {@code [N][d]}
   * @throws IllegalArgumentException if the shapes do not fit, two matrices are the same memory, or
   *     the order has no address
   */
  public void rows(Stream s, long order, List<Matrix> from, List<Matrix> to) {
    of(from, to).launch(s, order);
  }

  /**
   * The same to be launched again and again with other orders, without garbage.
   *
   * @throws IllegalArgumentException as {@link #rows}
   */
  public Repeated of(List<Matrix> from, List<Matrix> to) {
    Check.that(from.size() == to.size(), "%d matrices into %d matrices", from.size(), to.size());
    for (int k = 0; k < to.size(); k++) {
      Check.shape(from.get(k), from.get(0).rows(), to.get(k).columns(), "from[" + k + "]");
      Check.shape(to.get(k), to.get(0).rows(), to.get(k).columns(), "to[" + k + "]");
      Tiles.distinct(to.get(k), from.get(k), "to[" + k + "]", "from[" + k + "]");
    }
    return new Repeated(from, to);
  }

  /** Matrices whose rows are gathered. For one thread at a time. */
  public final class Repeated implements Groups.Kernel {
    private static final int BYTES = 40;

    private final Matrix[] from;
    private final Matrix[] to;
    private final int[] whole;
    private final int[] blocks;
    private long order;

    private Repeated(List<Matrix> from, List<Matrix> to) {
      this.from = from.toArray(new Matrix[0]);
      this.to = to.toArray(new Matrix[0]);
      this.whole = new int[to.size()];
      this.blocks = new int[to.size()];
      for (int k = 0; k < whole.length; k++) {
        whole[k] = Elements.whole(to.get(k), from.get(k));
        blocks[k] = Elements.blocks(to.get(k));
      }
    }

    /**
     * Enqueues the launches.
     *
     * @param places the order's address, as in {@link Gather#rows}
     * @throws IllegalArgumentException if it is no address
     */
    public void launch(Stream s, long places) {
      Elements.address(places, "the order");
      order = places;
      Groups.launch(gather, s, to.length, this);
    }

    @Override
    public int bytes() {
      return BYTES;
    }

    @Override
    public long blocks(int g) {
      return blocks[g];
    }

    @Override
    public void members(Launch launch, int g) {
      launch.i32(to[g].rows()).i32(to[g].columns()).i32(whole[g]);
      launch.matrix(to[g]).matrix(from[g]).i32(to[g].stride()).i32(from[g].stride());
    }

    @Override
    public void others(Launch launch, int first) {
      launch.pointer(order);
    }
  }
}
