package dev.krongauss.bench.kit;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * Shares the time of a session among its parts, in their order. A part is granted its planned share
 * of what is left, so that what one leaves goes to all that follow, and what one takes too much of
 * is taken from all that follow. A part whose grant is less than it needs at least is left out, and
 * leaves its share to the others; one that needs more than is left for all counts no more.
 */
final class Budget {
  private static final double NANO = 1e9;

  /**
   * A part's claim.
   *
   * @param planned seconds, if all parts take theirs; only their proportion counts
   * @param least seconds without which it is not worth beginning
   * @param needed whether it gets its least whatever its share, since the others need it
   */
  record Claim(String name, double planned, double least, boolean needed) {}

  private final LongSupplier clock;
  private final long end;
  private final List<Claim> open;

  /**
   * @param seconds for all parts, from now
   * @param clock nanoseconds
   */
  Budget(double seconds, LongSupplier clock, List<Claim> claims) {
    this.clock = clock;
    this.end = clock.getAsLong() + (long) (seconds * NANO);
    this.open = new ArrayList<>(claims);
  }

  /** Seconds until the end, never negative. */
  double left() {
    return Math.max(0, (end - clock.getAsLong()) / NANO);
  }

  /**
   * Seconds for the next part, 0 if it is to be left out. Parts are asked for in their order, once
   * each.
   */
  double grant(String name) {
    double left = left();
    double sum = open.stream().filter(c -> c.least() <= left).mapToDouble(Claim::planned).sum();
    Claim claim = open.remove(0);
    if (!claim.name().equals(name)) {
      throw new IllegalStateException(name + " is asked for where it is the turn of " + claim);
    }
    double share = left * claim.planned() / sum;
    if (claim.needed()) {
      share = Math.min(left, Math.max(share, claim.least()));
    }
    return claim.least() > left || share < claim.least() ? 0 : share;
  }
}
