package dev.krongauss.bench.analyse;

/**
 * How much is measured.
 *
 * @param updates of the training run that alignment follows
 * @param samples most samples of the sampled factor, a power of 4
 * @param datapoints most datapoints of the ranks, a power of 2
 * @param grid points a side of an error surface, odd
 * @param exactBytes device memory that a factorised exact step may take
 */
record Scale(int updates, int samples, int datapoints, int grid, long exactBytes) {
  /** In MiB, as {@code budget} of the optimiser is by default. */
  static final long EXACT_MEBIBYTES = 1024;

  /** Minutes on two cores. */
  static final Scale FULL = new Scale(160, 4096, 64, 41, EXACT_MEBIBYTES << 20);

  /** Seconds. */
  static final Scale QUICK = new Scale(4, 64, 8, 5, EXACT_MEBIBYTES << 20);

  /** The same with another budget of the exact step. */
  Scale withExactMebibytes(long mebibytes) {
    return new Scale(updates, samples, datapoints, grid, mebibytes << 20);
  }
}
