package dev.krongauss.kernel.tile;

import java.util.Locale;

/**
 * Who computes a tile of a product: {@code kernels/tile.cuh} on the plain FP32 units, {@code
 * kernels/tensor.cuh} on tensor cores.
 *
 * <p>Public for the launchers; no part of the API.
 */
public enum Tile {
  /** Plain FP32, 64 x 64. */
  FFMA(64, 256),
  /** FP32 accuracy on tensor cores by three TF32 products, 64 x 64. */
  TF32X3_64(64, 128),
  /** The same, 128 x 128. */
  TF32X3_128(128, 256),
  /** TF32 accuracy, 64 x 64: for statistics. */
  TF32_64(64, 128);

  private final int side;
  private final int threads;

  Tile(int side, int threads) {
    this.side = side;
    this.threads = threads;
  }

  /** Rows and columns of C that a block computes. */
  public int side() {
    return side;
  }

  /** Threads of a block. */
  public int threads() {
    return threads;
  }

  /** Whether it is in {@code kernels/tensor.cuh}; else in {@code kernels/tile.cuh}. */
  public boolean onTensorCores() {
    return this != FFMA;
  }

  /** What follows the name of a variant: {@code matmul_f32__nn_tf32x3_64}. */
  public String suffix() {
    return this == FFMA ? "" : "_" + key();
  }

  /** What follows a kernel's name: {@code gradient_f32__tf32x3_64}. */
  public String variant() {
    return this == FFMA ? "" : "__" + key();
  }

  /** The name in settings, messages and kernels. */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Tiles that {@code count} rows or columns take. */
  public int tiles(int count) {
    return Tiles.up(count, side);
  }
}
