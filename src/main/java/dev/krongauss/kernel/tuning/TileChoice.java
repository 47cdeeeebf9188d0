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
 * Tuning} and the shapes.
 *
 * <p>{@code -Dkrongauss.tile=auto|ffma|tf32x3_64|tf32x3_128} overrides the choice for products with
 * FP32 accuracy, {@code -Dkrongauss.curvature=fp32|tf32} (default fp32) says how accurate
 * statistics are: Gram matrices and KFRA's recursion.
 *
 * <p>Public for the launchers; no part of the API.
 */
public final class TileChoice {
  private final Set<Tile> tiles;
  private final long leastLargeTiles;
  private final Optional<Tile> asked;
  private final boolean statisticsInTf32;

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
        tf32(System.getProperty("krongauss.curvature", "fp32")));
  }

  /**
   * The choice from its parts.
   *
   * @param tuning of the device's chip
   * @param multiprocessors of the device
   * @param asked the tile of every product with FP32 accuracy, or empty to choose by shape
   * @param statisticsInTf32 whether Gram matrices and KFRA's recursion take TF32 accuracy
   */
  public TileChoice(
      Tuning tuning, int multiprocessors, Optional<Tile> asked, boolean statisticsInTf32) {
    this.tiles = tuning.tiles(); // once: a launch makes no garbage
    this.leastLargeTiles = tuning.leastLargeTiles(multiprocessors);
    this.asked = asked;
    this.statisticsInTf32 = statisticsInTf32;
  }

  /** Always this tile, whatever shape and device: for tests. */
  public static TileChoice always(Tile tile) {
    boolean statistics = tile == Tile.TF32_64; // which is there for nothing else
    return new TileChoice(new Unknown(), 1, Optional.of(statistics ? Tile.FFMA : tile), statistics);
  }

  /** For C [rows][columns] with FP32 accuracy. */
  public Tile of(int rows, int columns, int inner) {
    return of((long) Tile.TF32X3_128.tiles(rows) * Tile.TF32X3_128.tiles(columns), inner);
  }

  /** For results of so many tiles of 128 x 128 in one launch, with FP32 accuracy. */
  public Tile of(long large, int inner) {
    if (asked.isPresent()) {
      return asked.orElseThrow();
    }
    if (inner < Shapes.LEAST_INNER || !tiles.contains(Tile.TF32X3_64)) {
      return Tile.FFMA;
    }
    boolean many = large >= leastLargeTiles;
    return many && tiles.contains(Tile.TF32X3_128) ? Tile.TF32X3_128 : Tile.TF32X3_64;
  }

  /** The same among the tiles of 64 x 64, for kernels that have no large ones. */
  public Tile small(int inner) {
    Tile tile = of(1, 1, inner);
    return tile == Tile.TF32X3_128 ? Tile.TF32X3_64 : tile;
  }

  /** The same for statistics. */
  public Tile smallStatistic(int inner) {
    return statisticsInTf32 ? Tile.TF32_64 : small(inner);
  }

  /** All that {@link #of} may choose: what a launcher loads, so that no launch does. */
  public Set<Tile> all() {
    if (asked.isPresent()) {
      return EnumSet.of(asked.orElseThrow());
    }
    return EnumSet.copyOf(tiles);
  }

  /** All that {@link #small} may choose. */
  public Set<Tile> allSmall() {
    Set<Tile> small = all();
    if (small.remove(Tile.TF32X3_128)) {
      small.add(Tile.TF32X3_64);
    }
    return small;
  }

  /** All that {@link #smallStatistic} may choose. */
  public Set<Tile> allSmallStatistics() {
    return statisticsInTf32 ? EnumSet.of(Tile.TF32_64) : allSmall();
  }

  /** All that {@link #statistic} may choose. */
  public Set<Tile> allStatistics() {
    return statisticsInTf32 ? EnumSet.of(Tile.TF32_64) : all();
  }

  /** For the products of KFRA's recursion. */
  public Tile statistic(int rows, int columns, int inner) {
    return statisticsInTf32 ? Tile.TF32_64 : of(rows, columns, inner);
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
    List<Tile> allowed = List.of(Tile.FFMA, Tile.TF32X3_64, Tile.TF32X3_128);
    Optional<Tile> tile = allowed.stream().filter(t -> t.key().equals(value)).findFirst();
    Check.that(
        tile.isPresent(),
        "krongauss.tile is '%s'; it must be auto or one of %s",
        value,
        allowed.stream().map(Tile::key).collect(Collectors.joining(", ")));
    return tile;
  }

  private static boolean tf32(String value) {
    Check.that(
        value.equals("fp32") || value.equals("tf32"),
        "krongauss.curvature is '%s'; it must be fp32 or tf32",
        value);
    return value.equals("tf32");
  }
}
