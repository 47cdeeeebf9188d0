package dev.krongauss.curvature;

import dev.krongauss.kernel.RootSpace;

/**
 * Where the exact Gauss-Newton step of a batch is solved: N datapoints of K residuals, P weights.
 */
public enum ExactSpace {
  /** Whichever matrix is smaller; parameter space where K is more than 4,000. */
  SMALLER,
  /** Residuals: a matrix [N K]², for batches that are small beside the network. */
  SAMPLE,
  /** Weights: a matrix [P]², for networks that are small beside the batch. */
  PARAMETER;

  /** The space that a batch is solved in; this, unless it is {@link #SMALLER}. */
  public ExactSpace of(long N, long K, long P) {
    if (this != SMALLER) {
      return this;
    }
    return N * K < P && K <= RootSpace.MOST_ROOTS ? SAMPLE : PARAMETER;
  }
}
