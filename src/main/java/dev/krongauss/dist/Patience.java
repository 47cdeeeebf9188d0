package dev.krongauss.dist;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * A wait that asks again and again: at first at once, since most answers come within microseconds,
 * then with pauses of an eighth of what it has waited, since ranks may share processors with those
 * that they wait for, and each pause costs some microseconds of one.
 */
final class Patience {
  private static final int AT_ONCE = 200;
  private static final long SHORTEST_PAUSE_NANOS = 20_000;
  private static final long LONGEST_PAUSE_NANOS = 2_000_000;

  private final long start = System.nanoTime();
  private final long nanos;
  private int asked;

  Patience(Duration timeout) {
    nanos = timeout.toNanos();
  }

  /** Nanoseconds since the wait began. */
  long waitedNanos() {
    return System.nanoTime() - start;
  }

  /** Pauses; false if the time is over or the thread has been interrupted. */
  boolean more() {
    if (asked++ < AT_ONCE) {
      Thread.onSpinWait();
      return true;
    }
    long waited = waitedNanos();
    LockSupport.parkNanos(
        Math.max(SHORTEST_PAUSE_NANOS, Math.min(LONGEST_PAUSE_NANOS, waited / 8)));
    return waited < nanos && !Thread.currentThread().isInterrupted();
  }
}
