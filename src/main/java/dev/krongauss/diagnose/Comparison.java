package dev.krongauss.diagnose;

/** A part of the gradient, weights or bias, beside what it should be a multiple of. */
final class Comparison {
  /** A factor is told apart from others if rounding may change it by no more than this share. */
  private static final double TOLD = 0.05;

  private final float[] g;
  private final double[] M;
  private final double[] margin;
  private final double worst;
  private final double stored;
  private final double factor;
  private final double doubt;
  private final double norm;
  private final double cosine;

  /**
   * @param g {@code [rows][columns]} as the product
   */
  Comparison(float[] g, Product product, Rounding rounding) {
    this.g = g;
    M = product.value();
    margin = product.margin();
    worst = product.worst();
    stored = rounding.stored();
    double along = 0;
    double square = 0;
    double error = 0;
    double own = 0;
    for (int i = 0; i < g.length; i++) {
      along += g[i] * M[i];
      square += M[i] * M[i];
      error += (margin[i] + stored * Math.abs(M[i])) * Math.abs(M[i]);
      own += (double) g[i] * g[i];
    }
    factor = square == 0 ? 0 : along / square;
    doubt = square == 0 ? Double.POSITIVE_INFINITY : error / square;
    norm = Math.sqrt(own);
    cosine = square == 0 || own == 0 ? 0 : along / Math.sqrt(square * own);
  }

  /** Between the two; 0 where one is 0. */
  double cosine() {
    return cosine;
  }

  /** Of the gradient. */
  double norm() {
    return norm;
  }

  int elements() {
    return g.length;
  }

  /** c of the least squares |g − c M|. */
  double factor() {
    return factor;
  }

  /** Whether the product is so far above rounding that its multiples can be told apart. */
  boolean tells() {
    return doubt <= TOLD;
  }

  /** Whether the gradient is c times the product, but for likely rounding. */
  boolean is(double c) {
    return within(c, 1, 0);
  }

  /** Whether it is, but for what a sum in the worst order may lose. */
  boolean mayBe(double c) {
    return within(c, worst, 0);
  }

  /** Whether it is a multiple of the product, whichever. */
  boolean isMultiple() {
    return tells() && factor != 0 && within(factor, 1, doubt);
  }

  /** Whether it is the multiple that another part is. */
  boolean isAsMuchAs(Comparison other) {
    return within(other.factor, 1, other.doubt);
  }

  /** Whether all of the gradient is zero. */
  boolean isZero() {
    return norm == 0;
  }

  /** ‖g‖ / ‖c M‖; infinite where the product is zero. */
  double relativeLength(double c) {
    double square = 0;
    for (double each : M) {
      square += each * each;
    }
    return norm / (Math.abs(c) * Math.sqrt(square));
  }

  /** ‖g − c M‖ / ‖c M‖; infinite where the product is zero. */
  double relativeError(double c) {
    double error = 0;
    double size = 0;
    for (int i = 0; i < g.length; i++) {
      double wanted = c * M[i];
      error += (g[i] - wanted) * (g[i] - wanted);
      size += wanted * wanted;
    }
    return size == 0 ? (error == 0 ? 0 : Double.POSITIVE_INFINITY) : Math.sqrt(error / size);
  }

  /**
   * @param looser multiple of the margin
   * @param unsure relative error of c
   */
  private boolean within(double c, double looser, double unsure) {
    double size = Math.abs(c);
    for (int i = 0; i < g.length; i++) {
      double wanted = c * M[i];
      double bound = size * looser * margin[i] + (stored + unsure) * Math.abs(wanted);
      if (!(Math.abs(g[i] - wanted) <= bound)) {
        return false;
      }
    }
    return true;
  }
}
