package dev.krongauss.kernel.operations;

import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Cholesky;

/**
 * The same matrices with higher and higher damping, until all of them are positive definite.
 *
 * <p>The first rung is computed by whoever is fastest; the others by {@code cholesky_f32}, each a
 * launch that ends at once where a rung below has succeeded. So the usual refresh pays for them
 * with two empty launches, and the inverses are always in the same place.
 */
final class Ladder implements Factorisation {
  private final Factorisation first;
  private final Cholesky.Plan plan;
  private final int rungs;

  /**
   * @param first writes the inverses that {@code plan} writes
   * @param plan with one candidate
   */
  Ladder(Factorisation first, Cholesky.Plan plan, int rungs) {
    this.first = first;
    this.plan = plan;
    this.rungs = rungs;
  }

  @Override
  public void run(Stream s, long damping, long info) {
    first.run(s, damping, info);
    long row = 4L * plan.matrices();
    for (int rung = 1; rung < rungs; rung++) {
      plan.retry(s, damping + rung * row, info + rung * row, info, rung);
    }
  }
}
