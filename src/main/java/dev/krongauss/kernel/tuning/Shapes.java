package dev.krongauss.kernel.tuning;

/**
 * Choices that decide in which order a sum is added up: shapes make them alone, so that every chip
 * and SoftCUDA give the same bits with the same tile. Reasoned, not measured.
 *
 * <p>Public for the launchers; no part of the API.
 */
public final class Shapes {
  /**
   * From this inner size on the error bound of three TF32 products, K / 8 + 29, is below K + 2,
   * that of a chain of FP32 multiply-adds ({@code kernels/tensor.cuh}).
   */
  public static final int LEAST_INNER = 32;

  /**
   * From this number of columns on a block works on a row, below it a warp: that reads 128 elements
   * at a time, here 32 times in turn, which eight warps share out.
   */
  public static final int WIDE_ROW = 4096;

  /**
   * Rows of a Gram matrix that are worth a slice of their own: 16 steps of the main loop, about
   * what leaving and adding up a partial sum costs.
   */
  public static final int LEAST_SLICE = 256;

  /** Slices of a tile of a Gram matrix: its last block adds up as many sums. */
  public static final int MOST_SLICES = 64;

  /**
   * Blocks that a launch of Gram matrices may be brought up to by slices: about what a large GPU
   * holds at once, 132 multiprocessors of an H100 with three blocks each, and the next power of
   * two.
   */
  public static final int MOST_SLICED_BLOCKS = 512;

  /**
   * Tasks that a link of a chain may be brought up to by slices: two and a bit for each of the 132
   * multiprocessors of an H100.
   */
  public static final int MOST_LINK_TASKS = 288;

  /**
   * Inner indices that are worth a slice of a link: six steps of the main loop, twice what leaving
   * and adding up a partial sum costs by {@code bench/model}.
   */
  public static final int LEAST_LINK_SLICE = 96;

  private Shapes() {}

  /**
   * Slices of the inner dimension of a link of a chain, whose every tile another block may have to
   * wait for.
   *
   * @param tiles of the link's result
   */
  public static int linkSlices(int inner, long tiles) {
    return (int) Math.max(1, Math.min(MOST_LINK_TASKS / tiles, inner / LEAST_LINK_SLICE));
  }

  /**
   * Slices of the sum over M rows in a launch of Gram matrices.
   *
   * @param tiles of all matrices of the launch
   */
  public static int slices(int M, int tiles) {
    int most = Math.min(MOST_SLICES, MOST_SLICED_BLOCKS / tiles);
    return Math.max(1, Math.min(most, M / LEAST_SLICE));
  }
}
