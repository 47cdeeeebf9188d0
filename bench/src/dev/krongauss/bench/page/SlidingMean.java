package dev.krongauss.bench.page;

/** The mean of the last values, at most {@code window} of them; NaN while one of them is NaN. */
final class SlidingMean {
  private final double[] values;
  private long count;

  SlidingMean(int window) {
    values = new double[window];
  }

  /** Adds a value and gives the mean of the last ones, this one included. */
  double add(double value) {
    values[(int) (count++ % values.length)] = value;
    int filled = (int) Math.min(count, values.length);
    // Summed anew each time: a running sum would keep a NaN and collect rounding errors.
    double sum = 0;
    for (int i = 0; i < filled; i++) {
      sum += values[i];
    }
    return sum / filled;
  }
}
