package dev.krongauss.kernel.tuning;

import dev.krongauss.device.Device;
import dev.krongauss.kernel.tile.Tile;
import java.util.Set;

/**
 * What is chosen by the chip: an implementation for each family, with the reason beside each
 * number. Nothing here changes a result beyond its error bound, and what would change the order of
 * a sum without need is in {@link Shapes}, the same for every chip.
 *
 * <p>Public for the launchers; no part of the API.
 */
public interface Tuning {
  /**
   * Clocks from the barrier of a step to its last result, on tensor cores: the barrier 24, shared
   * memory 29, the split 12, three products 26 each and an addition 4, by the assumed latencies of
   * {@code native/softcuda/count/roofline.cpp}.
   */
  int STEP_LATENCY = 147;

  /**
   * The tiles that {@link TileChoice} chooses among for products with FP32 accuracy; {@link
   * Tile#FFMA}, which every chip can, is one of them.
   */
  Set<Tile> tiles();

  /**
   * Clocks that a step of 16 of the inner index takes a multiprocessor with enough blocks of a tile
   * among {@link #tiles}; only their ratios count.
   */
  int clocks(Tile tile);

  /**
   * Clocks of such a step where a block has the multiprocessor for itself and nothing hides its
   * latencies.
   */
  default int clocksAlone(Tile tile) {
    return clocks(tile) + STEP_LATENCY;
  }

  /**
   * Blocks of a chain for each multiprocessor. Any number gets to the end; more than the chip holds
   * at once would only wait.
   */
  int chainBlocks();

  /** The numbers for a device. */
  static Tuning of(Device device) {
    return Chip.of(device).tuning();
  }

  /**
   * The numbers for a GPU; those of {@link Unknown} where it belongs to no family here.
   *
   * @param capability compute capability times ten: 80, 90
   */
  static Tuning of(int capability) {
    return switch (capability) {
      case 80 -> new Ampere();
      case 86, 87, 89, 120, 121 -> new Workstation();
      case 90 -> new Hopper();
      case 100, 101, 103, 110 -> new Blackwell();
      default -> new Unknown();
    };
  }
}
