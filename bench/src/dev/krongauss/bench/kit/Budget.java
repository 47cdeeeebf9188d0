package dev.krongauss.bench.kit;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * Shares the time of a session among its parts. Each part, in their order, as long as it fits, is
 * granted what it needs at least; what is left beyond that is shared by plan among those that fit.
 * It is shared anew before each part, so that what one leaves goes to all that follow, and what one
 * takes too much of is taken from all that follow.
 */
final class Budget {
  private static final double NANO = 1e9;

  /**
   * A part's claim.
   *
   * @param planned its share of what is left beyond the least of all; only the proportion counts
   * @param least seconds without which it is not worth beginning
   */
  record Claim(String name, double planned, double least) {}

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
    double beyond = left;
    double planned = 0;
    for (Claim claim : open) {
      if (claim.least() <= beyond) {
        beyond -= claim.least();
        planned += claim.planned();
      }
    }
    Claim claim = open.remove(0);
    if (!claim.name().equals(name)) {
      throw new IllegalStateException(name + " is asked for where it is the turn of " + claim);
    }
    return claim.least() > left ? 0 : claim.least() + beyond * claim.planned() / planned;
  }
}
