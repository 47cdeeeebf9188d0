package dev.krongauss.diagnose;

/**
 * A gradient as a sum: c times what it should be, and multiples of the weights or of the gradient
 * before, by least squares.
 *
 * @param coefficients of the basis, what it should be first
 * @param doubts by how much rounding may have moved each
 * @param fits whether nothing but rounding is left
 */
record Mixture(double[] coefficients, double[] doubts, boolean fits) {
  /** A coefficient counts if it is above its doubt by this factor. */
  private static final double COUNTS = 8;

  /**
   * Fits the weights' part.
   *
   * @param g {@code [elements]}
   * @param basis the product first, then what may be mixed in
   */
  static Mixture of(float[] g, Product product, double stored, double[]... others) {
    double[][] basis = new double[others.length + 1][];
    basis[0] = product.value();
    System.arraycopy(others, 0, basis, 1, others.length);
    int n = basis.length;
    double[][] apart = orthogonal(basis);
    double[] x = new double[n];
    double[] doubts = new double[n];
    if (g.length <= n) {
      return new Mixture(x, doubts, false);
    }
    for (int k = 0; k < n; k++) {
      double square = dot(apart[k], apart[k]);
      if (square <= 1e-12 * dot(basis[k], basis[k])) {
        return new Mixture(x, doubts, false);
      }
      x[k] = dot(g, apart[k]) / square;
      doubts[k] = 1 / Math.sqrt(square);
    }
    double noise = noise(product, stored, x[0], g);
    for (int k = 0; k < n; k++) {
      doubts[k] *= noise;
    }
    return new Mixture(x, doubts, leaves(g, product, stored, basis, x, doubts, 1));
  }

  /** Whether coefficient k is not zero, and known to a few per cent or better. */
  boolean counts(int k) {
    return Math.abs(coefficients[k]) > COUNTS * doubts[k];
  }

  /** Whether coefficient k is a number, as far as rounding lets see. */
  boolean is(int k, double number) {
    return Math.abs(coefficients[k] - number) <= Math.max(doubts[k], 1e-6 * Math.abs(number));
  }

  /** Whether the same coefficients, or some of them, explain another part. */
  static boolean explains(
      float[] g, Product product, double stored, double[] x, double[] doubts, double[]... others) {
    double[][] basis = new double[others.length + 1][];
    basis[0] = product.value();
    System.arraycopy(others, 0, basis, 1, others.length);
    return leaves(g, product, stored, basis, x, doubts, 1);
  }

  /** Each basis vector without what the others have of it: a coefficient is its product with g. */
  private static double[][] orthogonal(double[][] basis) {
    double[][] apart = new double[basis.length][];
    for (int k = 0; k < basis.length; k++) {
      double[] rest = basis[k].clone();
      double[][] done = new double[basis.length][];
      for (int j = 0; j < basis.length; j++) {
        if (j != k) {
          double[] other = basis[j].clone();
          for (int i = 0; i < j; i++) {
            if (i != k) {
              subtract(other, done[i]);
            }
          }
          done[j] = other;
          subtract(rest, other);
        }
      }
      apart[k] = rest;
    }
    return apart;
  }

  private static void subtract(double[] from, double[] along) {
    double square = dot(along, along);
    double share = square == 0 ? 0 : dot(from, along) / square;
    for (int i = 0; i < from.length; i++) {
      from[i] -= share * along[i];
    }
  }

  private static double noise(Product product, double stored, double c, float[] g) {
    double sum = 0;
    for (int i = 0; i < g.length; i++) {
      double bound = Math.abs(c) * product.margin()[i] + 4 * stored * Math.abs(g[i]);
      sum += bound * bound;
    }
    return Math.sqrt(sum);
  }

  private static boolean leaves(
      float[] g,
      Product product,
      double stored,
      double[][] basis,
      double[] x,
      double[] doubts,
      double looser) {
    for (int i = 0; i < g.length; i++) {
      double rest = g[i];
      double bound = Math.abs(x[0]) * product.margin()[i] + 4 * stored * Math.abs(g[i]);
      for (int k = 0; k < x.length; k++) {
        rest -= x[k] * basis[k][i];
        bound += (doubts[k] + 4 * stored * Math.abs(x[k])) * Math.abs(basis[k][i]);
      }
      if (!(Math.abs(rest) <= looser * bound)) {
        return false;
      }
    }
    return true;
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  private static double dot(float[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }
}
