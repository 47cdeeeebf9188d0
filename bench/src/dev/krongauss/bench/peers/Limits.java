package dev.krongauss.bench.peers;

/**
 * When a peer stops: after so many updates or seconds of training, whichever comes first.
 *
 * @param updates at least 1; {@link Long#MAX_VALUE} for no limit
 * @param seconds positive; {@link Double#POSITIVE_INFINITY} for no limit
 */
public record Limits(long updates, double seconds) {
  /** A launch takes microseconds and an update several, whatever the network. */
  private static final double MOST_UPDATES_A_SECOND = 10_000;

  /**
   * Checks them.
   *
   * @throws IllegalArgumentException if one is not positive, or there is no limit at all
   */
  public Limits {
    if (updates < 1 || !(seconds > 0) || updates == Long.MAX_VALUE && Double.isInfinite(seconds)) {
      throw new IllegalArgumentException(
          "limits of %d updates and %s seconds: give positive ones, at least one finite"
              .formatted(updates, seconds));
    }
  }

  /** The updates that may be made. */
  double mostUpdates() {
    return Math.min((double) updates, Math.ceil(MOST_UPDATES_A_SECOND * seconds));
  }
}
