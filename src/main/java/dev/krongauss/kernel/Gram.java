package dev.krongauss.kernel;

import static dev.krongauss.kernel.tile.Tiles.distinct;
import static dev.krongauss.kernel.tile.Tiles.tiles;
import static dev.krongauss.kernel.tile.Tiles.up;
import static dev.krongauss.kernel.tile.Tiles.whole;

import dev.krongauss.device.Arena;
import dev.krongauss.device.ArenaSize;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.Function;
import dev.krongauss.device.Launch;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.argument.Past;
import dev.krongauss.kernel.group.Groups;
import dev.krongauss.kernel.tile.Tile;
import dev.krongauss.kernel.tile.Tiles;
import dev.krongauss.kernel.tuning.Shapes;
import dev.krongauss.kernel.tuning.TileChoice;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Gram matrices of several layers with their moving averages ({@code kernels/gram.cu}). */
public final class Gram {
  /** Rows that the main loop takes in one step. */
  private static final int INNER = 16;

  private final TileChoice choice;
  private final Map<Tile, Function> functions = new EnumMap<>(Tile.class);

  /**
   * Loads the kernels.
   *
   * @throws IllegalArgumentException if {@code krongauss.tile} or {@code krongauss.curvature} has
   *     an unknown value
   * @throws dev.krongauss.device.DeviceException if the device cannot load them
   */
  public Gram(Device device) {
    this(device, new TileChoice(device));
  }

  Gram(Device device, TileChoice choice) {
    this.choice = choice;
    for (Tile tile : choice.allSmallGrams()) {
      functions.put(tile, device.function("gram", "gram_f32" + tile.variant()));
    }
  }

  /**
   * One Gram matrix of a launch: S = alpha XᵀX and its like.
   *
   * @param X [M][d]
   * @param past beta
   * @param adds whether S already holds an earlier chunk of the same batch
   * @param S [d][d]; its lower triangle is read where beta or adds ask for it, both halves are
   *     written
   */
  public record Item(Matrix X, float alpha, Past past, boolean adds, Matrix S) {
    /**
     * Checks the item.
     *
     * @throws IllegalArgumentException if the shapes do not fit or S is X
     */
    public Item {
      Check.shape(S, X.columns(), X.columns(), "S");
      distinct(S, X, "S", "X");
    }

    /** S = alpha XᵀX. */
    public static Item fresh(Matrix X, float alpha, Matrix S) {
      return new Item(X, alpha, Past.NONE, false, S);
    }

    /**
     * S = beta S + (1 − beta) alpha XᵀX: a batch, or the first chunk of its rows, enters and is
     * counted.
     */
    public static Item average(Matrix X, float alpha, Past past, Matrix S) {
      return new Item(X, alpha, past, false, S);
    }

    /** S = S + (1 − beta) alpha XᵀX: a further chunk of the batch that last entered. */
    public static Item further(Matrix X, float alpha, Past past, Matrix S) {
      return new Item(X, alpha, past, true, S);
    }

    private int lowerTiles() {
      int t = tiles(S.rows());
      return t * (t + 1) / 2;
    }
  }

  /**
   * Sums of slices that blocks leave for each other, of any launch with any number of rows;
   * launches that use the same one follow one another.
   */
  public static final class Workspace {
    private final Buffer arrived;
    private final Buffer partials;

    /**
     * Takes its memory from {@code arena}, all of it at once: no launch allocates, so that each can
     * be captured.
     *
     * @param widths d of the matrices that one launch may have; 1 MiB a tile of 64 x 64 of their
     *     lower triangles, at most 8 MiB
     */
    public Workspace(Arena arena, int... widths) {
      this.arrived = arena.ints(Shapes.MOST_SLICED_BLOCKS, "Gram counters");
      this.partials = arena.floats(floats(widths), "Gram partial sums");
    }

    /** Counts the memory of the constructor, without a device. */
    public static void count(ArenaSize arena, int... widths) {
      arena.ints(Shapes.MOST_SLICED_BLOCKS);
      arena.floats(floats(widths));
    }

    private static long floats(int[] widths) {
      long tiles = Arrays.stream(widths).mapToLong(d -> Tiles.lower(tiles(d))).sum();
      long blocks = Math.min(Shapes.MOST_SLICED_BLOCKS, Shapes.MOST_SLICES * tiles);
      return Math.max(1, blocks) * Tiles.TILE * Tiles.TILE;
    }

    private long partials(int count) {
      long bytes = 4L * Tiles.TILE * Tiles.TILE * count;
      Check.that(
          bytes <= partials.bytes(),
          "slices leave %d bytes in a workspace of %d; give it the widths of all matrices of a"
              + " launch",
          bytes,
          partials.bytes());
      return partials.pointer();
    }
  }

  /**
   * All items; one launch for up to 32 of them. Where {@code restart} is positive every beta counts
   * as 0.
   *
   * @param restart device address of an int, or 0 for none
   * @param workspace lets many rows of few columns be shared out; null if each tile is to be summed
   *     by one block
   * @throws IllegalArgumentException if there is no item
   */
  public void accumulate(Stream s, List<Item> items, long restart, Workspace workspace) {
    Moments moments = new Moments(items, restart, workspace);
    int most = items.stream().mapToInt(item -> item.X().rows()).max().orElse(0);
    Tile tile = choice.smallGram(most);
    Groups.launch(functions.get(tile), tile.threads(), s, items.size(), moments);
  }

  /**
   * Rows of a slice of X [M][d], for a launch with so many tiles in all: the shapes decide alone.
   */
  static int rows(int M, int tiles) {
    return up(up(M, Shapes.slices(M, tiles)), INNER) * INNER;
  }

  private static final class Moments implements Groups.Kernel {
    private final List<Item> items;
    private final long restart;
    private final int[] rows;
    private final int[] partial;
    private final int[] counter;
    private final long partials;
    private final long arrived;

    Moments(List<Item> items, long restart, Workspace workspace) {
      this.items = items;
      this.restart = restart;
      int tiles = items.stream().mapToInt(Item::lowerTiles).sum();
      rows = new int[items.size()];
      partial = new int[items.size()];
      counter = new int[items.size()];
      int left = 0;
      int shared = 0;
      for (int g = 0; g < rows.length; g++) {
        int M = items.get(g).X().rows();
        rows[g] = workspace == null ? M : Gram.rows(M, tiles);
        partial[g] = left;
        counter[g] = shared;
        if (slices(g) > 1) {
          left += slices(g) * items.get(g).lowerTiles();
          shared += items.get(g).lowerTiles();
        }
      }
      partials = workspace == null ? 0 : workspace.partials(left);
      arrived = workspace == null ? 0 : workspace.arrived.pointer();
    }

    private int slices(int g) {
      return up(items.get(g).X().rows(), rows[g]);
    }

    @Override
    public int bytes() {
      return 80;
    }

    @Override
    public long blocks(int g) {
      return (long) items.get(g).lowerTiles() * slices(g);
    }

    @Override
    public void members(Launch launch, int g) {
      Item item = items.get(g);
      Matrix X = item.X();
      Matrix S = item.S();
      launch.i32(X.rows()).i32(X.columns()).i32(whole(X));
      launch.matrix(X).matrix(S).pointer(item.past().batches());
      launch.i32(X.stride()).i32(S.stride()).i32(whole(S));
      launch.i32(slices(g)).i32(rows[g]).i32(partial[g]).i32(counter[g]);
      launch.i32(item.adds() ? 1 : 0).f32(item.alpha()).f32(item.past().decay());
    }

    @Override
    public void others(Launch launch, int first) {
      launch.pointer(partials).pointer(arrived).pointer(restart);
    }
  }
}
