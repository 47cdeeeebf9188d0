package dev.krongauss.optim;

/**
 * What an update does besides a step; each kind is a graph of its own.
 *
 * @param refresh whether factors and inverses are refreshed
 * @param gamma whether γ is chosen anew, which refreshes too
 * @param reduction whether the reduction ratio is computed
 */
record UpdateKind(boolean refresh, boolean gamma, boolean reduction) {
  /**
   * The kind of the {@code step}-th update, from 1.
   *
   * @param refreshes whether it is one that refreshes, by schedule or because the inverses are
   *     known to be of no use
   */
  static UpdateKind of(long step, boolean refreshes, GaussNewtonOptions options) {
    boolean gamma = options.adaptGamma && step > 1 && (step - 1) % options.gammaEvery == 0;
    return new UpdateKind(
        gamma || refreshes, gamma, options.adaptLambda && step % options.reductionEvery == 0);
  }

  int number() {
    return (refresh ? 1 : 0) + (reduction ? 2 : 0) + (gamma ? 4 : 0);
  }
}
