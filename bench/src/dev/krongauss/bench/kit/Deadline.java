package dev.krongauss.bench.kit;

/** The end of a stage, or of its part. */
record Deadline(long nanoTime) {
  private static final double NANO = 1e9;

  static Deadline in(double seconds) {
    return new Deadline(System.nanoTime() + (long) (seconds * NANO));
  }

  long secondsLeft() {
    return Math.max(0, (long) ((nanoTime - System.nanoTime()) / NANO));
  }

  boolean passed() {
    return secondsLeft() == 0;
  }
}
