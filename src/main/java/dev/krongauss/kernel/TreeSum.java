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

/** Sums of a batch's chunks as the leaves of one binary tree ({@code kernels/tree_sum.cu}). */
public final class TreeSum {
  /** The most leaves of a launch. */
  public static final int MOST_LEAVES = 16;

  private final Function sum;

  /**
   * Loads the kernel.
   *
   * @throws dev.krongauss.device.DeviceException if the device cannot load it
   */
  public TreeSum(Device device) {
    sum = device.function("tree_sum", "tree_sum_f32");
  }

  /**
   * One sum of a launch. Packed memory has its rows one behind the other, each rounded up to 4
   * floats: of a lower triangle those up to the diagonal, else all of a row.
   *
   * @param X device address of the first leaf
   * @param xStride floats from one of its rows to the next, 0 for a packed triangle
   * @param Y device address of the sum
   * @param yStride the same of it
   * @param rows of each
   * @param columns of each, as many if {@code lower}
   * @param lower whether only the lower triangle counts
   */
  public record Item(
      long X, int xStride, long Y, int yStride, int rows, int columns, boolean lower) {
    /**
     * Checks the item.
     *
     * @throws IllegalArgumentException if an address is missing or a shape or stride impossible
     */
    public Item {
      Elements.address(X, "the first leaf");
      Elements.address(Y, "the sum");
      Check.that(
          rows >= 1 && columns >= 1 && (!lower || rows == columns),
          "statistics [%d][%d]; both are at least 1, and alike for a triangle",
          rows,
          columns);
      Check.that(
          fits(xStride, columns, lower) && fits(yStride, columns, lower),
          "strides %d and %d of %d columns; a stride is at least as long, or 0 for a packed triangle",
          xStride,
          yStride,
          columns);
    }

    /** Leaves and sum are matrices of one shape. */
    public static Item of(Matrix X, Matrix Y, boolean lower) {
      Check.shape(Y, X.rows(), X.columns(), "Y");
      return new Item(
          X.pointer(), X.stride(), Y.pointer(), Y.stride(), X.rows(), X.columns(), lower);
    }

    /** The sum is packed, at the device address Y. */
    public static Item pack(Matrix X, long Y, boolean lower) {
      int stride = packedStride(X.columns(), lower);
      return new Item(X.pointer(), X.stride(), Y, stride, X.rows(), X.columns(), lower);
    }

    /** The leaves are packed, the first at the device address X. */
    public static Item unpack(long X, Matrix Y, boolean lower) {
      int stride = packedStride(Y.columns(), lower);
      return new Item(X, stride, Y.pointer(), Y.stride(), Y.rows(), Y.columns(), lower);
    }

    private static boolean fits(int stride, int columns, boolean lower) {
      return stride >= columns || stride == 0 && lower;
    }

    private boolean aligned() {
      return X % 16 == 0 && Y % 16 == 0 && xStride % 4 == 0 && yStride % 4 == 0;
    }
  }

  /** Floats of packed memory for a matrix. */
  public static long packedFloats(int rows, int columns, boolean lower) {
    if (!lower) {
      return (long) rows * packedStride(columns, false);
    }
    long q = rows / 4;
    return 4 * (q + 1) * (2 * q + rows % 4);
  }

  /**
   * Sums of all items; one launch for up to 32 of them. NaN and infinities are not lost.
   *
   * @param items whose leaves and sums do not overlap
   * @param step floats from one leaf to the next, at least 1 if there is more than one
   * @param scales of the leaves: 1, 2, 4, 8 or 16 of them
   * @throws IllegalArgumentException if there is no item, or another number of leaves
   */
  public void sum(Stream s, List<Item> items, long step, float[] scales) {
    int K = scales.length;
    Check.that(
        K >= 1 && K <= MOST_LEAVES && Integer.bitCount(K) == 1,
        "a tree of %d leaves; 1, 2, 4, 8 or 16 are possible",
        K);
    Check.that(K == 1 || step >= 1, "%d leaves lie %d floats apart; at least 1", K, step);
    Groups.launch(sum, s, items.size(), new Statistics(items, step, scales.clone()));
  }

  private static int packedStride(int columns, boolean lower) {
    return lower ? 0 : 4 * Tiles.up(columns, 4);
  }

  private record Statistics(List<Item> items, long step, float[] scales) implements Groups.Kernel {
    @Override
    public int bytes() {
      return 48;
    }

    @Override
    public long blocks(int g) {
      Item item = items.get(g);
      return (long) Tiles.up(item.rows(), Tiles.ROWS) * Tiles.up(item.columns(), Tiles.CHUNK);
    }

    @Override
    public void members(Launch launch, int g) {
      Item item = items.get(g);
      boolean aligned = item.aligned() && (scales.length == 1 || step % 4 == 0);
      launch.i32(item.rows()).i32(item.columns()).i32(Tiles.whole(item.columns(), aligned));
      launch.pointer(item.X()).pointer(item.Y()).i32(item.xStride()).i32(item.yStride());
      launch.i32(item.lower() ? 1 : 0);
    }

    @Override
    public void others(Launch launch, int first) {
      launch.struct(4 * MOST_LEAVES);
      for (float scale : scales) {
        launch.f32(scale);
      }
      launch.end().i64(step).i32(scales.length);
    }
  }
}
