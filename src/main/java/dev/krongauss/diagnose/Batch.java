package dev.krongauss.diagnose;

/**
 * What all layers of a batch have in common.
 *
 * @param N datapoints
 * @param T positions of each
 * @param outputs columns of the last layer's δ
 * @param rounding of the trainer
 * @param deltas factor by which δ are not those of each datapoint's own loss, as far as is known
 * @param deltasKnown whether it is
 */
record Batch(int N, int T, int outputs, Rounding rounding, double deltas, boolean deltasKnown) {
  int R() {
    return N * T;
  }

  /** What the sum of δ āᵀ is multiplied with in the right gradient. */
  double unit() {
    return 1 / (N * deltas);
  }
}
