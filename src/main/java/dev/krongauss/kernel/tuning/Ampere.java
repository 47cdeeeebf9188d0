package dev.krongauss.kernel.tuning;

import dev.krongauss.kernel.tile.Tile;
import java.util.EnumSet;
import java.util.Set;

/** Compute capability 8.0: A100. Reasoned from peak rates, not measured. */
final class Ampere implements Tuning {
  /**
   * All. Peak rates a clock and multiprocessor: 64 multiply-adds in FP32, 512 in TF32 by {@code
   * mma.sync}. Three TF32 products are 8/3 times as fast, before their splits into two numbers.
   */
  @Override
  public Set<Tile> tiles() {
    return EnumSet.of(Tile.FFMA, Tile.TF32X3_64, Tile.TF32X3_128);
  }

  /**
   * One for each multiprocessor: a large tile reads its operands half as often, and its registers
   * leave room for one block, so that fewer tiles than multiprocessors let some stand idle.
   */
  @Override
  public long leastLargeTiles(int multiprocessors) {
    return multiprocessors;
  }

  /**
   * Two, as the kernels' launch bounds ask for: 2 x 256 threads of at most 128 registers are the
   * 65536 of a multiprocessor.
   */
  @Override
  public int chainBlocks() {
    return 2;
  }
}
