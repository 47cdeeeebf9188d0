package dev.krongauss.kernel.operations;

import dev.krongauss.device.Stream;

/**
 * The same matrices with higher and higher damping, until all of them are positive definite.
 *
 * <p>The first rung is computed by whoever is fastest; the others by {@code cholesky_f32} and,
 * where there are diagonal matrices, {@code diagonal_f32__invert}, each a launch that ends at once
 * where a rung below has succeeded. Both look at the infos of the rungs below alone, so that they
 * agree. The usual refresh pays for the other rungs with empty launches, and the inverses are
 * always in the same place.
 */
final class Ladder implements Factorisation {
  private final Factorisation first;
  private final KernelFactorisation others;
  private final int rungs;

  /**
   * @param first writes the inverses that {@code others} writes
   * @param others with one candidate
   */
  Ladder(Factorisation first, KernelFactorisation others, int rungs) {
    this.first = first;
    this.others = others;
    this.rungs = rungs;
  }

  @Override
  public void run(Stream s, long damping, long info) {
    first.run(s, damping, info);
    others(s, others, rungs, damping, info);
  }

  /** The rungs behind the first. */
  static void others(Stream s, KernelFactorisation others, int rungs, long damping, long info) {
    long row = 4L * others.plan().row();
    for (int rung = 1; rung < rungs; rung++) {
      others.retry(s, damping + rung * row, info + rung * row, info, rung);
    }
  }
}
