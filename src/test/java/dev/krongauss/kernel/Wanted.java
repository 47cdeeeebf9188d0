package dev.krongauss.kernel;

/**
 * What an output element must be: the reference in double and the largest error allowed. A NaN or
 * an infinity is wanted exactly.
 */
public record Wanted(double value, double bound) {
  /** Unit roundoff of float: half of the distance from 1 to the next float. */
  public static final double EPSILON = 0x1p-24;

  /** The smallest normal float: what a flush or a gradual underflow may cost. */
  public static final double TINY = 0x1p-126;

  /** A value that must be met exactly. */
  public static Wanted exactly(double value) {
    return new Wanted(value, 0);
  }

  /**
   * {@code value ± (factor * EPSILON * magnitude + TINY)}: the form c·n·ε of every derived bound.
   */
  public static Wanted within(double value, double factor, double magnitude) {
    return new Wanted(value, factor * EPSILON * magnitude + TINY);
  }

  /**
   * Error over bound: at most 1 is right; infinite where the value is exact and differs, or only
   * one of both is finite.
   */
  double ratio(float got) {
    if (Double.isNaN(value) || Double.isInfinite(value)) {
      return Double.compare(value, got) == 0 ? 0 : Double.POSITIVE_INFINITY;
    }
    double error = Math.abs(got - value);
    if (error == 0) {
      return 0;
    }
    double ratio = error / bound;
    return Double.isNaN(ratio) ? Double.POSITIVE_INFINITY : ratio;
  }

  /** The reference of a whole matrix, element by element. */
  @FunctionalInterface
  public interface Reference {
    Wanted at(int row, int column);
  }
}
