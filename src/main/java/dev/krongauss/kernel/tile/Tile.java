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
  FFMA(64, 64, 256, 1, 0),
  /** FP32 accuracy on tensor cores by three TF32 products, 64 x 64. */
  TF32X3_64(64, 64, 128, 3, 0),
  /** The same, 128 x 64, four stages. */
  TF32X3_128X64(128, 64, 128, 2, 4 * 16 * (136 + 72) * 4),
  /** The same, 128 x 128, three stages. */
  TF32X3_128(128, 128, 256, 1, 3 * 16 * (136 + 136) * 4),
  /** TF32 accuracy, 64 x 64: for directions and statistics. */
  TF32_64(64, 64, 128, 3, 0);

  private final int rows;
  private final int columns;
  private final int threads;
  private final int resident;
  private final int sharedBytes;

  Tile(int rows, int columns, int threads, int resident, int sharedBytes) {
    this.rows = rows;
    this.columns = columns;
    this.threads = threads;
    this.resident = resident;
    this.sharedBytes = sharedBytes;
  }

  /** Rows of C that a block computes. */
  public int rows() {
    return rows;
  }

  /** Columns of C that a block computes. */
  public int columns() {
    return columns;
  }

  /** Threads of a block. */
  public int threads() {
    return threads;
  }

  /** Blocks that a multiprocessor has registers for at least: the kernels' launch bounds. */
  public int resident() {
    return resident;
  }

  /**
   * Dynamic shared memory of a block in bytes: stages of 16 rows, each of both operands' outer
   * index and 8 floats more. 0 where it is static.
   */
  public int sharedBytes() {
    return sharedBytes;
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

  /** Tiles of a matrix of this shape. */
  public long tiles(int ofRows, int ofColumns) {
    return (long) down(ofRows) * across(ofColumns);
  }

  /** Tiles that so many rows take. */
  public int down(int ofRows) {
    return Tiles.up(ofRows, rows);
  }

  /** Tiles that so many columns take. */
  public int across(int ofColumns) {
    return Tiles.up(ofColumns, columns);
  }

  /** Tiles that so many rows or columns take, of a square one. */
  public int tiles(int count) {
    if (rows != columns) {
      throw new IllegalStateException(
          "a tile of %d x %d does not say of which; use down or across".formatted(rows, columns));
    }
    return Tiles.up(count, rows);
  }
}
