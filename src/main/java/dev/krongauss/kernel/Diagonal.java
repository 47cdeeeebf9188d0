package dev.krongauss.kernel;

import static dev.krongauss.kernel.tile.Tiles.distinct;

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

/**
 * Diagonal matrices, each given as its diagonal [1][n] ({@code kernels/diagonal.cu}): their damped
 * inverses, and the diagonals of Gram matrices.
 */
public final class Diagonal {
  /** Columns of a block of the Gram diagonal. */
  private static final int GRAM_COLUMNS = 32;

  /** From here on an index is not exact as a float. */
  static final int MOST = 1 << 24;

  private final Function invert;
  private final Function gram;

  /**
   * Loads the kernels.
   *
   * @throws dev.krongauss.device.DeviceException if the device cannot load them
   */
  public Diagonal(Device device) {
    invert = device.function("diagonal", "diagonal_f32__invert");
    gram = device.function("diagonal", "diagonal_f32__gram");
  }

  /**
   * One inverse of a launch: x = 1 / (g + damping).
   *
   * @param g [1][n], n below 2²⁴
   * @param place which of the dampings and infos are its own
   * @param x [1][n], not the same memory
   */
  public record Item(Matrix g, int place, Matrix x) {
    /**
     * Checks the item.
     *
     * @throws IllegalArgumentException if the shapes do not fit, x is g, or the place is negative
     */
    public Item {
      Check.shape(g, 1, g.columns(), "g");
      Check.shape(x, 1, g.columns(), "x");
      Check.that(g.columns() < MOST, "a diagonal of %d elements; at most 2^24 - 1", g.columns());
      Check.that(place >= 0, "place %d of a damping; the first is 0", place);
      distinct(x, g, "x", "g");
    }
  }

  /**
   * Inverts all diagonals; one launch for up to 32 of them. One with an element that is not
   * positive and finite after damping is a result: its info says so, all of its x is NaN, and no
   * other one feels it.
   *
   * @param row number of dampings and infos, those of other matrices between them included
   * @param damping device address of {@code row} floats
   * @param info device address of {@code row} ints: 0, or the 1-based index of the first element
   *     that is not positive and finite
   * @throws IllegalArgumentException if there is no item, a place is beyond the row, or for an
   *     address that is null or no multiple of 4
   */
  public void invert(Stream s, List<Item> items, int row, long damping, long info) {
    Elements.address(damping, "the dampings");
    Elements.address(info, "the infos");
    for (Item item : items) {
      Check.that(item.place() < row, "place %d of a row of %d dampings", item.place(), row);
    }
    Groups.launch(invert, s, items.size(), new Inverses(items, damping, info));
  }

  /**
   * s = alpha diag(XᵀX) + beta s: the diagonal of a Gram matrix alone.
   *
   * @param X [M][d]
   * @param diagonal s [1][d], not X; not read where beta is 0
   * @throws IllegalArgumentException if the shapes do not fit
   */
  public void gram(Stream s, Matrix X, float alpha, float beta, Matrix diagonal) {
    Check.shape(diagonal, 1, X.columns(), "the diagonal");
    distinct(diagonal, X, "the diagonal", "X");
    gram.on(s)
        .grid(Tiles.up(X.columns(), GRAM_COLUMNS), 1, 1)
        .block(Elements.THREADS, 1, 1)
        .matrix(X)
        .i32(X.stride())
        .matrix(diagonal)
        .i32(X.rows())
        .i32(X.columns())
        .i32(Tiles.whole(X))
        .f32(alpha)
        .f32(beta)
        .launch();
  }

  private record Inverses(List<Item> items, long damping, long info) implements Groups.Kernel {
    @Override
    public int bytes() {
      return 32;
    }

    @Override
    public long blocks(int g) {
      return 1;
    }

    @Override
    public void members(Launch launch, int g) {
      Item item = items.get(g);
      launch.i32(item.g().columns()).i32(item.place()).matrix(item.g()).matrix(item.x());
    }

    @Override
    public void others(Launch launch, int first) {
      launch.pointer(damping).pointer(info);
    }
  }
}
