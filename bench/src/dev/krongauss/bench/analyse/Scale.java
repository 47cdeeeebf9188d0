package dev.krongauss.bench.analyse;

/**
 * How much is measured.
 *
 * @param updates of the training run that alignment follows
 * @param samples most samples of the sampled factor, a power of 4
 * @param datapoints most datapoints of the ranks, a power of 2
 * @param grid points a side of an error surface, odd
 */
record Scale(int updates, int samples, int datapoints, int grid) {
  /** Minutes on two cores. */
  static final Scale FULL = new Scale(160, 4096, 64, 41);

  /** Seconds. */
  static final Scale QUICK = new Scale(4, 64, 8, 5);
}
