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
 * Which tile computes a product: the one place where this is decided.
 *
 * <p>{@code -Dkrongauss.tile=auto|ffma|tf32x3_64|tf32x3_128} overrides the choice for products with
 * FP32 accuracy, {@code -Dkrongauss.curvature=fp32|tf32} (default fp32) says how accurate KFRA's
 * recursion is.
 *
 * <p>Public for the launchers; no part of the API.
 */
public final class TileChoice {
  /**
   * From this inner size on the error bound of three TF32 products, K / 8 + 29, is below K + 2,
   * that of a chain of FP32 multiply-adds ({@code kernels/tensor.cuh}).
   */
  public static final int LEAST_INNER = 32;

  private final int multiprocessors;
  private final boolean fastTensorCores;
  private final Optional<Tile> asked;
  private final boolean statisticsInTf32;

  /**
   * The choice for a device, with what the system properties ask for.
   *
   * @throws IllegalArgumentException if a property has an unknown value
   */
  public TileChoice(Device device) {
    this(
        device.multiprocessors(),
        !device.isSoftware() && fastTensorCores(device.computeCapability()),
        tile(System.getProperty("krongauss.tile", "auto")),
        tf32(System.getProperty("krongauss.curvature", "fp32")));
  }

  /**
   * The choice from its parts.
   *
   * @param multiprocessors of the device
   * @param fastTensorCores whether three TF32 products are faster than FP32 multiply-adds
   * @param asked the tile of every product with FP32 accuracy, or empty to choose by shape
   * @param statisticsInTf32 whether KFRA's recursion takes TF32 accuracy
   */
  public TileChoice(
      int multiprocessors,
      boolean fastTensorCores,
      Optional<Tile> asked,
      boolean statisticsInTf32) {
    this.multiprocessors = multiprocessors;
    this.fastTensorCores = fastTensorCores;
    this.asked = asked;
    this.statisticsInTf32 = statisticsInTf32;
  }

  /** Always this tile, whatever shape and device: for tests. */
  public static TileChoice always(Tile tile) {
    boolean statistics = tile == Tile.TF32_64; // which is there for nothing else
    return new TileChoice(1, true, Optional.of(statistics ? Tile.FFMA : tile), statistics);
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
    if (!fastTensorCores || inner < LEAST_INNER) {
      return Tile.FFMA;
    }
    // Large tiles read operands half as often; they pay once there is one for each multiprocessor.
    return large >= multiprocessors ? Tile.TF32X3_128 : Tile.TF32X3_64;
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
    return fastTensorCores
        ? EnumSet.of(Tile.FFMA, Tile.TF32X3_64, Tile.TF32X3_128)
        : EnumSet.of(Tile.FFMA);
  }

  /** All that {@link #small} may choose. */
  public Set<Tile> allSmall() {
    Set<Tile> tiles = all();
    if (tiles.remove(Tile.TF32X3_128)) {
      tiles.add(Tile.TF32X3_64);
    }
    return tiles;
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

  /**
   * Whether three TF32 products are faster than FP32 multiply-adds: data-centre chips (8.0, 9.0,
   * 10.x) have 8 times the rate in TF32, workstation and consumer chips (8.6, 8.9, 12.0) the same.
   * SoftCUDA says 8.0 but computes what a tensor core does bit by bit: eleven times slower.
   */
  public static boolean fastTensorCores(int capability) {
    return capability == 80 || capability == 90 || (capability >= 100 && capability < 120);
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
