package dev.krongauss.kernel;

import dev.krongauss.kernel.tile.Tile;

/** Error bounds of a product's main loop, in units of eps = 2^-24 times sum_k |A||B|. */
final class TileBounds {
  private TileBounds() {}

  /**
   * For K products added. FFMA: one chain of K fused steps. Tensor cores, 3xTF32: 8 for what the
   * split leaves out, 20 for what the tensor core cuts off in a step of 8, one addition a step;
   * 1xTF32: 2^-10 + 2^-22 for two factors rounded to 11 bits (derivation: kernels/tensor.cuh).
   */
  static double roundings(Tile tile, int K) {
    int steps = (K + 7) / 8;
    return switch (tile) {
      case FFMA -> K;
      case TF32X3_64, TF32X3_128X64, TF32X3_128 -> steps + 29;
      case TF32_64 -> 0x1p14 + 4 + steps + 20;
    };
  }
}
