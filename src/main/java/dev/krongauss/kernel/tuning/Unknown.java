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

  /** Of the only one: 64 x 64 x 16 multiply-adds, 128 a clock. */
  @Override
  public int clocks(Tile tile) {
    return tile.rows() * tile.columns() * 16 / 128;
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
