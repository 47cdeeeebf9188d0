package dev.krongauss.kernel.tuning;

import dev.krongauss.kernel.tile.Tile;
import java.util.EnumSet;
import java.util.Set;

/** Compute capability 9.0: H100, H200. Reasoned from peak rates, not measured. */
final class Hopper implements Tuning {
  /**
   * All but 128 x 128, of which a multiprocessor holds one block, whose latencies nothing hides.
   * Peak rates a clock and multiprocessor: 128 multiply-adds in FP32, 1024 in TF32 by {@code
   * wgmma}; {@code mma.sync}, which these kernels use, reaches 0.6 of that (Luo et al.,
   * "Benchmarking and dissecting the Nvidia Hopper GPU architecture via microbenchmarking", 2024).
   * Three TF32 products are then 1.6 times as fast, before their splits into two numbers.
   */
  @Override
  public Set<Tile> tiles() {
    return EnumSet.of(Tile.FFMA, Tile.TF32X3_64, Tile.TF32X3_128X64);
  }

  /**
   * The tensor cores' time for six flops an element and k: 1136 flops a clock by {@code mma.sync}.
   * A step's instructions take less, about 320 clocks of a warp of 32 x 32 and 500 of one of 64 x
   * 32.
   */
  @Override
  public int clocks(Tile tile) {
    return tile.rows() * tile.columns() * 16 * 6 / 1136;
  }

  /**
   * Two: as {@link Ampere}. The 256 tiles of a link of 1000 x 1000 fit in 2 x 132 blocks at once.
   * By the model ({@code bench/results/model.md}) three gain nothing: forward, backward, recursion
   * and tangents of the paper's autoencoder take 64.1, 46.7, 64.6 and 39.8 us with either, for
   * which forward would have to do with 168 registers instead of 186.
   */
  @Override
  public int chainBlocks() {
    return 2;
  }
}
