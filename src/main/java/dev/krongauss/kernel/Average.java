package dev.krongauss.kernel;

import static dev.krongauss.kernel.tile.Tiles.aligned;
import static dev.krongauss.kernel.tile.Tiles.distinct;
import static dev.krongauss.kernel.tile.Tiles.squareOrDiagonal;
import static dev.krongauss.kernel.tile.Tiles.whole;

import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.Function;
import dev.krongauss.device.Launch;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.argument.Past;
import dev.krongauss.kernel.group.Elements;
import dev.krongauss.kernel.group.Groups;
import java.util.List;

/** Moving averages of symmetric or diagonal factors ({@code kernels/average.cu}). */
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
   * One average of a launch: S = beta S + (1 − beta) X on the lower triangle, or of the diagonals
   * of diagonal matrices.
   *
   * @param X [d][d], lower triangle read, or a diagonal [1][d]
   * @param past beta; where it is 0, S is not read
   * @param S of the same shape, not the same memory
   */
  public record Item(Matrix X, Past past, Matrix S) {
    /**
     * Checks the item.
     *
     * @throws IllegalArgumentException if the shapes do not fit or S is X
     */
    public Item {
      Check.shape(X, S.rows(), squareOrDiagonal(S, "S"), "X");
      distinct(X, S, "X", "S");
    }
  }

  /**
   * All items; one launch for up to 32 of them. Where {@code restart} is positive every beta counts
   * as 0.
   *
   * @param restart device address of an int, or 0 for none
   * @throws IllegalArgumentException if there is no item
   */
  public void lower(Stream s, List<Item> items, long restart) {
    Groups.launch(lower, s, items.size(), new Factors(items, restart));
  }

  private record Factors(List<Item> items, long restart) implements Groups.Kernel {
    @Override
    public int bytes() {
      return 56;
    }

    @Override
    public long blocks(int g) {
      return Elements.blocks(items.get(g).S());
    }

    @Override
    public void members(Launch launch, int g) {
      Item item = items.get(g);
      Matrix X = item.X();
      Matrix S = item.S();
      launch.i32(S.rows()).i32(whole(S.columns(), aligned(X) && aligned(S)));
      launch.f32(item.past().decay()).matrix(X).matrix(S).pointer(item.past().batches());
      launch.i32(X.stride()).i32(S.stride()).i32(Elements.blocks(S)).i32(S.columns());
    }

    @Override
    public void others(Launch launch, int first) {
      launch.pointer(restart);
    }
  }
}
