package dev.krongauss.kernel;

import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.Function;
import dev.krongauss.device.Launch;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.argument.BatchOrder;
import dev.krongauss.kernel.group.Elements;
import dev.krongauss.kernel.group.Groups;
import dev.krongauss.kernel.tile.Tiles;
import java.util.List;

/** Batches of matrices that stay on the device ({@code kernels/gather.cu}). */
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
   * The next batch: row i of {@code to[k]} is row {@code order[i]} of {@code from[k]}, bit by bit,
   * with the order's rows from where the batch begins; the batch after it is the next one then. One
   * launch for up to 32 matrices, without garbage.
   *
   * @param order of all {@code from}
   * @param from matrices {@code [M][d]}, each with a d of its own
   * @param to as many matrices, {@code [N][d]} or the first rows of a batch
   * @throws IllegalArgumentException if the shapes do not fit, two matrices are the same memory, or
   *     there are more than 32
   */
  public Batch of(BatchOrder order, List<Matrix> from, List<Matrix> to) {
    Check.that(from.size() == to.size(), "%d matrices into %d matrices", from.size(), to.size());
    Check.that(
        to.size() <= Groups.MOST,
        "%d matrices of a batch; a launch takes %d: gather the others by a count of their own",
        to.size(),
        Groups.MOST);
    for (int k = 0; k < to.size(); k++) {
      Check.shape(from.get(k), order.M(), to.get(k).columns(), "from[" + k + "]");
      Check.shape(to.get(k), to.get(0).rows(), to.get(k).columns(), "to[" + k + "]");
      Tiles.distinct(to.get(k), from.get(k), "to[" + k + "]", "from[" + k + "]");
    }
    Check.that(
        to.isEmpty() || to.get(0).rows() <= order.N(),
        "%d rows of a batch of %d",
        to.isEmpty() ? 0 : to.get(0).rows(),
        order.N());
    return new Batch(order, from, to);
  }

  /** Matrices that each batch is gathered into. For one thread at a time. */
  public final class Batch implements Groups.Kernel {
    private static final int BYTES = 40;

    private final BatchOrder order;
    private final Matrix[] from;
    private final Matrix[] to;
    private final int[] whole;
    private final int[] blocks;

    private Batch(BatchOrder order, List<Matrix> from, List<Matrix> to) {
      this.order = order;
      this.from = from.toArray(new Matrix[0]);
      this.to = to.toArray(new Matrix[0]);
      this.whole = new int[to.size()];
      this.blocks = new int[to.size()];
      for (int k = 0; k < whole.length; k++) {
        whole[k] = Elements.whole(to.get(k), from.get(k));
        blocks[k] = Elements.blocks(to.get(k));
      }
    }

    /** Enqueues the gathering of the next batch. */
    public void launch(Stream s) {
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
      launch.pointer(order.permutations()).i32(order.M()).i32(order.N());
      launch.i32(order.batches()).pointer(order.next());
    }
  }
}
