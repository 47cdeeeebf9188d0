package dev.krongauss.kernel.tuning;

import dev.krongauss.kernel.tile.Tile;
import java.util.EnumSet;
import java.util.Set;

/**
 * SoftCUDA, which says it has compute capability 8.0. Its processor time is measured in {@code
 * native/softcuda}.
 */
final class SoftCuda implements Tuning {
  /** The plain one: what a tensor core computes is done bit by bit, eleven times slower. */
  @Override
  public Set<Tile> tiles() {
    return EnumSet.of(Tile.FFMA);
  }

  /** Of the only one: 64 x 64 x 16 multiply-adds, 128 a clock. */
  @Override
  public int clocks(Tile tile) {
    return tile.rows() * tile.columns() * 16 / 128;
  }

  /** Two, as a GPU of that capability: tests see the blocks wait for one another. */
  @Override
  public int chainBlocks() {
    return 2;
  }
}
