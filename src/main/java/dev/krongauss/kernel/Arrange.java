package dev.krongauss.kernel;

import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.Function;
import dev.krongauss.device.Launch;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.group.Groups;
import dev.krongauss.kernel.tile.Tiles;
import java.util.List;

/** Copies of several matrices, some of them transposed ({@code kernels/arrange.cu}). */
public final class Arrange {
  private static final int SIDE = 32;

  private final Function arrange;

  /**
   * One copy.
   *
   * @param X {@code [rows][columns]}
   * @param transposed whether Y is Xᵀ
   * @param Y of X's shape, or {@code [columns][rows]}
   */
  public record Item(Matrix X, boolean transposed, Matrix Y) {
    /**
     * Checks the shapes.
     *
     * @throws IllegalArgumentException if they do not fit or Y begins where X does
     */
    public Item {
      Check.shape(Y, transposed ? X.columns() : X.rows(), transposed ? X.rows() : X.columns(), "Y");
      Tiles.distinct(Y, X, "Y", "X");
    }
  }

  /**
   * Loads the kernel.
   *
   * @throws dev.krongauss.device.DeviceException if the device cannot load it
   */
  public Arrange(Device device) {
    arrange = device.function("arrange", "arrange_f32");
  }

  /**
   * All copies; one launch for up to 32 of them.
   *
   * @throws IllegalArgumentException if there is none
   */
  public void run(Stream s, List<Item> items) {
    Groups.launch(arrange, s, items.size(), new Table(items));
  }

  private record Table(List<Item> items) implements Groups.Kernel {
    @Override
    public int bytes() {
      return 40;
    }

    @Override
    public long blocks(int g) {
      Matrix X = items.get(g).X();
      return (long) Tiles.up(X.rows(), SIDE) * Tiles.up(X.columns(), SIDE);
    }

    @Override
    public void members(Launch launch, int g) {
      Item item = items.get(g);
      launch.i32(item.X().rows()).i32(item.X().columns()).i32(item.transposed() ? 1 : 0);
      launch.matrix(item.X()).matrix(item.Y()).i32(item.X().stride()).i32(item.Y().stride());
    }

    @Override
    public void others(Launch launch, int first) {
      // nothing behind the table
    }
  }
}
