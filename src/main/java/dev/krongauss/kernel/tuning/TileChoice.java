package dev.krongauss.kernel.tuning;

import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.kernel.tile.Tile;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntUnaryOperator;
import java.util.stream.Collectors;

/**
 * Which tile computes a product: the one place where this is decided, from the chip's {@link
 * Tuning}, the shapes, and how many blocks of the kernel a multiprocessor holds ({@link Variants}).
 *
 * <p>{@code -Dkrongauss.tile=auto|ffma|tf32x3_64|tf32x3_128x64|tf32x3_128} overrides the choice for
 * products with FP32 accuracy; {@link Accuracy} says which ones have less.
 *
 * <p>Public for the launchers; no part of the API.
 */
public final class TileChoice {
  /** The tiles of 64 x 64 with FP32 accuracy, for kernels that have no others. */
  public static final Set<Tile> SMALL = Set.of(Tile.FFMA, Tile.TF32X3_64);

  /** On tensor cores with FP32 accuracy, those with fewer bytes an operation behind the others. */
  private static final List<Tile> ON_TENSOR_CORES =
      List.of(Tile.TF32X3_64, Tile.TF32X3_128X64, Tile.TF32X3_128);

  private final Tuning tuning;
  private final Set<Tile> tiles;
  private final int multiprocessors;
  private final Optional<Tile> asked;
  private final Accuracy accuracy;

  /** How many blocks a launch has with a tile. */
  @FunctionalInterface
  public interface Blocks {
    /** The number with this tile. */
    long with(Tile tile);
  }

  /**
   * The choice for a device, with what the system properties ask for.
   *
   * @throws IllegalArgumentException if a property has an unknown value
   */
  public TileChoice(Device device) {
    this(
        Tuning.of(device),
        Chip.of(device).multiprocessors(),
        tile(System.getProperty("krongauss.tile", "auto")),
        Accuracy.asked());
  }

  /**
   * The choice from its parts.
   *
   * @param tuning of the device's chip
   * @param multiprocessors of the device
   * @param asked the tile of every product with FP32 accuracy, or empty to choose by shape
   * @param accuracy which products have less
   */
  public TileChoice(Tuning tuning, int multiprocessors, Optional<Tile> asked, Accuracy accuracy) {
    this.tuning = tuning;
    this.tiles = tuning.tiles(); // once: a launch makes no garbage
    this.multiprocessors = multiprocessors;
    this.asked = asked;
    this.accuracy = accuracy;
  }

  /** Always this tile, whatever shape and device: for tests. */
  public static TileChoice always(Tile tile) {
    return tile == Tile.TF32_64 // which is there for some purposes alone
        ? new TileChoice(new Unknown(), 1, Optional.of(Tile.TF32X3_64), Accuracy.TF32)
        : new TileChoice(new Unknown(), 1, Optional.of(tile), Accuracy.FP32);
  }

  /**
   * For results of FP32 accuracy: the tile with the shortest {@linkplain #clocks time}, of those
   * with the same the one that reads its operands least often.
   *
   * @param kernel that is to be launched, in all tiles that {@link #among} says
   * @param blocks of the launch
   * @param inner size
   */
  public Tile of(Variants kernel, Blocks blocks, int inner) {
    if (asked.isPresent() || inner < Shapes.LEAST_INNER) {
      return small(inner, kernel);
    }
    Tile best = Tile.FFMA;
    long least = Long.MAX_VALUE;
    for (Tile tile : ON_TENSOR_CORES) {
      if (tiles.contains(tile) && kernel.has(tile)) {
        long clocks = clocks(tile, blocks.with(tile), kernel.resident(tile));
        best = clocks <= least ? tile : best;
        least = Math.min(clocks, least);
      }
    }
    return best;
  }

  /** The same for one result [rows][columns]. */
  public Tile of(Variants kernel, int rows, int columns, int inner) {
    return of(kernel, tile -> tile.tiles(rows, columns), inner);
  }

  /**
   * Waves x time of a tile: clocks a step of 16 of the inner index for so many blocks, of which
   * each multiprocessor holds {@code resident} at once. Its blocks share it; one alone leaves it
   * waiting for latencies.
   */
  long clocks(Tile tile, long blocks, int resident) {
    long wave = (long) resident * multiprocessors;
    long last = (blocks % wave + multiprocessors - 1) / multiprocessors;
    return blocks / wave * clocks(tile, resident) + (last == 0 ? 0 : clocks(tile, last));
  }

  private long clocks(Tile tile, long together) {
    return Math.max(together * tuning.clocks(tile), tuning.clocksAlone(tile));
  }

  private Tile small(int inner, Variants kernel) {
    return asked.filter(kernel::has).orElseGet(() -> small(inner));
  }

  /** The tile among {@link #SMALL}, for kernels that have no others. */
  public Tile small(int inner) {
    if (asked.isPresent()) {
      return asked.orElseThrow() == Tile.FFMA ? Tile.FFMA : Tile.TF32X3_64;
    }
    boolean tensor = inner >= Shapes.LEAST_INNER && tiles.contains(Tile.TF32X3_64);
    return tensor ? Tile.TF32X3_64 : Tile.FFMA;
  }

  /** The same for Gram matrices. */
  public Tile smallGram(int inner) {
    return accuracy.grams() ? Tile.TF32_64 : small(inner);
  }

  /** The same for KFRA's recursion. */
  public Tile smallRecursion(int inner) {
    return accuracy.recursion() ? Tile.TF32_64 : small(inner);
  }

  /** The same for the tangents of all layers' directions. */
  public Tile smallTangents(int inner) {
    return onTensorCores(small(inner), accuracy.tangents());
  }

  private static Tile onTensorCores(Tile tile, boolean tf32) {
    return tf32 && tile == Tile.TF32X3_64 ? Tile.TF32_64 : tile;
  }

  /** For the products of KFRA's recursion. */
  public Tile recursion(Variants kernel, int rows, int columns, int inner) {
    return accuracy.recursion() ? Tile.TF32_64 : of(kernel, rows, columns, inner);
  }

  /** For two-sided solves, otherwise as {@link #of}. */
  public Tile solve(Variants kernel, Blocks blocks, int inner) {
    Tile tile = of(kernel, blocks, inner);
    return accuracy.solves() && tile.onTensorCores() ? Tile.TF32_64 : tile;
  }

  /**
   * All that may be chosen of a kernel that has these: what a launcher loads, so that no launch
   * does.
   */
  public Set<Tile> among(Set<Tile> there) {
    EnumSet<Tile> found = EnumSet.copyOf(there);
    found.retainAll(asked.isPresent() ? Set.of(asked.orElseThrow()) : tiles);
    return found.isEmpty() ? EnumSet.of(Tile.TF32X3_64) : found;
  }

  /** All that {@link #of} may choose of a kernel that has every tile. */
  public Set<Tile> all() {
    return among(EnumSet.of(Tile.FFMA, ON_TENSOR_CORES.toArray(new Tile[0])));
  }

  /** All that {@link #small} may choose. */
  public Set<Tile> allSmall() {
    return among(SMALL);
  }

  /** All that {@link #smallGram} may choose. */
  public Set<Tile> allSmallGrams() {
    return accuracy.grams() ? EnumSet.of(Tile.TF32_64) : allSmall();
  }

  /** All that {@link #smallRecursion} may choose. */
  public Set<Tile> allSmallRecursions() {
    return accuracy.recursion() ? EnumSet.of(Tile.TF32_64) : allSmall();
  }

  /** All that {@link #smallTangents} may choose. */
  public Set<Tile> allSmallTangents() {
    return onTensorCores(allSmall(), accuracy.tangents());
  }

  /** All that {@link #solve} may choose of a kernel that has these. */
  public Set<Tile> allSolves(Set<Tile> there) {
    Set<Tile> all = EnumSet.copyOf(among(there));
    if (accuracy.solves()) {
      all.add(Tile.TF32_64);
    }
    return all;
  }

  private static Set<Tile> onTensorCores(Set<Tile> tiles, boolean tf32) {
    Set<Tile> chosen = EnumSet.noneOf(Tile.class);
    tiles.forEach(tile -> chosen.add(onTensorCores(tile, tf32)));
    return chosen;
  }

  /** All that {@link #recursion} may choose. */
  public Set<Tile> allRecursions() {
    return accuracy.recursion() ? EnumSet.of(Tile.TF32_64) : all();
  }

  /** The largest inner size, after which the tile of a whole pass is chosen. */
  public static int widest(int links, IntUnaryOperator width) {
    int widest = 0;
    for (int l = 0; l < links; l++) {
      widest = Math.max(widest, width.applyAsInt(l));
    }
    return widest;
  }

  private static Optional<Tile> tile(String value) {
    if (value.equals("auto")) {
      return Optional.empty();
    }
    List<Tile> allowed = List.of(Tile.FFMA, Tile.TF32X3_64, Tile.TF32X3_128X64, Tile.TF32X3_128);
    Optional<Tile> tile = allowed.stream().filter(t -> t.key().equals(value)).findFirst();
    Check.that(
        tile.isPresent(),
        "krongauss.tile is '%s'; it must be auto or one of %s",
        value,
        allowed.stream().map(Tile::key).collect(Collectors.joining(", ")));
    return tile;
  }
}
