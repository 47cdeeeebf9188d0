package dev.krongauss.table;

/** Mean and deviation of values that come one by one (Welford's recurrence, in double). */
final class Moments {
  /** Exact up to 2^53. */
  private double count;

  private double mean;
  private double squares;
  private double least = Double.POSITIVE_INFINITY;
  private double most = Double.NEGATIVE_INFINITY;

  void add(double value) {
    count++;
    double before = value - mean;
    mean += before / count;
    squares += before * (value - mean);
    if (value < least) {
      least = value;
    }
    if (value > most) {
      most = value;
    }
  }

  /** Adds what others counted (Chan, Golub, LeVeque, "Updating formulae", 1979). */
  void add(Moments other) {
    if (other.count > 0) {
      double between = other.mean - mean;
      double sum = count + other.count;
      mean += between * other.count / sum;
      squares += other.squares + between * between * count * other.count / sum;
      count = sum;
      least = Math.min(least, other.least);
      most = Math.max(most, other.most);
    }
  }

  long count() {
    return (long) count;
  }

  double mean() {
    return mean;
  }

  /** The root of the mean squared distance from the mean: divided by the count. */
  double deviation() {
    return Math.sqrt(squares / count);
  }

  double least() {
    return least;
  }

  double most() {
    return most;
  }
}
