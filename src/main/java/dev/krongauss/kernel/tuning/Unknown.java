package dev.krongauss.kernel.tuning;

import dev.krongauss.kernel.tile.Tile;
import java.util.EnumSet;
import java.util.Set;

/**
 * A chip of no family here, older or newer: what is right on each, whatever its rates. Reasoned,
 * not measured.
 */
final class Unknown implements Tuning {
  /** The plain one, which needs no tensor core to be fast. */
  @Override
  public Set<Tile> tiles() {
    return EnumSet.of(Tile.FFMA);
  }

  /** Never: there are none among {@link #tiles}. */
  @Override
  public long leastLargeTiles(int multiprocessors) {
    return Long.MAX_VALUE;
  }

  /**
   * Two: the kernels' launch bounds ask for as many, and no chip so far has room for fewer. Were
   * one block all that is resident, the others would follow it.
   */
  @Override
  public int chainBlocks() {
    return 2;
  }
}
