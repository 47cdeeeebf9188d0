package dev.krongauss.kernel.cholesky;

import static dev.krongauss.kernel.cholesky.CholeskyItem.TILE_FLOATS;

import dev.krongauss.device.ArenaSize;
import dev.krongauss.kernel.tile.Tiles;

/**
 * The memory of {@code Cholesky.Plan}, counted without a device.
 *
 * <p>Public for the layers above; no part of the API.
 */
public final class PlanSize {
  /** Ints that say how far a launch is. */
  public static final int CONTROL_INTS = 8;

  /** Flags of a tile, one for each 16 of its columns. */
  public static final int FLAGS = 4;

  private PlanSize() {}

  /**
   * Counts a plan.
   *
   * @param orders n of each matrix, 0 of a diagonal one
   * @param candidates dampings that each is factorised with at once
   */
  public static void count(ArenaSize arena, int[] orders, int candidates) {
    double tasks = 0;
    double tiles = 0;
    for (int n : orders) {
      int side = Tiles.tiles(n);
      tasks += candidates * Math.max(1, 3.0 * Tiles.lower(side));
      tiles += candidates * (2.0 * Tiles.lower(side) + side);
    }
    tiles = Math.max(1, tiles);
    double items = (double) candidates * orders.length;
    arena.ints(CholeskyTasks.INTS * tasks);
    arena.ints(CholeskyItem.INTS * items);
    arena.floats(tiles * TILE_FLOATS);
    arena.ints(FLAGS * tiles);
    arena.floats(tiles); // sums
    arena.ints(items); // products done
    arena.ints(CONTROL_INTS);
  }
}
