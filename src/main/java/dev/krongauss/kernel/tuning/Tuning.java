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
   * The tiles that {@link TileChoice} chooses among for products with FP32 accuracy; {@link
   * Tile#FFMA}, which every chip can, is one of them.
   */
  Set<Tile> tiles();

  /**
   * From how many tiles of 128 x 128 in a launch on those are taken in place of 64 x 64, where
   * {@link #tiles} has them.
   *
   * @param multiprocessors of the device
   */
  long leastLargeTiles(int multiprocessors);

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
