package dev.krongauss.kernel.tuning;

import dev.krongauss.kernel.tile.Tile;
import java.util.EnumSet;
import java.util.Set;

/**
 * Compute capability 8.6, 8.7, 8.9 and 12.x: workstation, consumer and embedded chips of the
 * generations Ampere, Ada and Blackwell. Reasoned from peak rates, not measured.
 */
final class Workstation implements Tuning {
  /**
   * The plain one. Peak rates a clock and multiprocessor of 8.6, 8.9 and 12.0: 128 multiply-adds in
   * FP32 and as many in TF32, so that three TF32 products take three times as long. 8.7 has twice
   * to four times the rate in TF32, which the splits would use up.
   */
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
   * Two: as {@link Ampere}, whose register file it has; of threads there is room for 1536, of
   * shared memory for 100 KB.
   */
  @Override
  public int chainBlocks() {
    return 2;
  }
}
