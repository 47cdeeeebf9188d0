package dev.krongauss.optim;

import java.util.List;
import java.util.stream.IntStream;

/**
 * What an update does besides a step; each kind is a graph of its own.
 *
 * @param refresh whether factors and inverses are refreshed
 * @param gamma whether γ is chosen anew, which refreshes too
 * @param reduction whether the reduction ratio is computed
 */
record UpdateKind(boolean refresh, boolean gamma, boolean reduction) {
  /** By {@link #number}. */
  static final List<UpdateKind> ALL =
      IntStream.range(0, 8)
          .mapToObj(n -> new UpdateKind((n & 1) != 0, (n & 4) != 0, (n & 2) != 0))
          .toList();

  /**
   * The kind of the {@code step}-th update, from 1.
   *
   * @param refreshes whether it is one that refreshes, by schedule or because the inverses are
   *     known to be of no use
   */
  static UpdateKind of(long step, boolean refreshes, GaussNewtonOptions options) {
    boolean gamma = options.adaptGamma && step > 1 && (step - 1) % options.gammaEvery == 0;
    boolean reduction = options.adaptLambda && step % options.reductionEvery == 0;
    return ALL.get(number(gamma || refreshes, gamma, reduction));
  }

  int number() {
    return number(refresh, gamma, reduction);
  }

  private static int number(boolean refresh, boolean gamma, boolean reduction) {
    return (refresh ? 1 : 0) + (reduction ? 2 : 0) + (gamma ? 4 : 0);
  }
}
