package dev.krongauss.kernel.tuning;

import dev.krongauss.kernel.tile.Tile;
import java.util.EnumSet;
import java.util.Set;

/** Compute capability 8.0: A100. Reasoned from peak rates, not measured. */
final class Ampere implements Tuning {
  /**
   * All but 128 x 128, of which a multiprocessor holds one block, whose latencies nothing hides.
   * Peak rates a clock and multiprocessor: 64 multiply-adds in FP32, 512 in TF32 by {@code
   * mma.sync}. Three TF32 products are 8/3 times as fast, before their splits into two numbers.
   */
  @Override
  public Set<Tile> tiles() {
    return EnumSet.of(Tile.FFMA, Tile.TF32X3_64, Tile.TF32X3_128X64);
  }

  /**
   * The tensor cores' time for six flops an element and k: 1024 flops a clock. A step's
   * instructions take less, about 320 clocks of a warp of 32 x 32 and 500 of one of 64 x 32.
   */
  @Override
  public int clocks(Tile tile) {
    return tile.rows() * tile.columns() * 16 * 6 / 1024;
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
