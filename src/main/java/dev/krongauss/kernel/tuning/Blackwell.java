package dev.krongauss.kernel.tuning;

import dev.krongauss.kernel.tile.Tile;
import java.util.EnumSet;
import java.util.Set;

/**
 * Compute capability 10.x and 11.0, once 10.1: B100, B200, B300, Thor. Reasoned from peak rates,
 * not measured.
 */
final class Blackwell implements Tuning {
  /**
   * All but 128 x 128, of which a multiprocessor holds one block, whose latencies nothing hides.
   * The peak in TF32 is that of {@code tcgen05}, which these kernels do not use. Were {@code
   * mma.sync} no faster than on {@link Ampere}, 512 multiply-adds a clock and multiprocessor beside
   * 128 in FP32, three TF32 products would still be 4/3 times as fast, before their splits into two
   * numbers: the family to measure first.
   */
  @Override
  public Set<Tile> tiles() {
    return EnumSet.of(Tile.FFMA, Tile.TF32X3_64, Tile.TF32X3_128X64);
  }

  /**
   * The tensor cores' time for six flops an element and k: 1024 flops a clock if {@code mma.sync}
   * is no faster than on {@link Ampere}. A step's instructions take less, about 320 clocks of a
   * warp of 32 x 32 and 500 of one of 64 x 32.
   */
  @Override
  public int clocks(Tile tile) {
    return tile.rows() * tile.columns() * 16 * 6 / 1024;
  }

  /** Two: as {@link Ampere}. */
  @Override
  public int chainBlocks() {
    return 2;
  }
}
