package dev.krongauss.bench.ranks;

/**
 * The floats of an update of KFRA that ranks exchange, counted from the layers' widths: triangles
 * as triangles, nothing rounded up.
 *
 * @param gradient of all weights
 * @param factors Q_l, the moments of the hidden layers' slopes, and G_L: lower triangles
 * @param inverses of all Q_l and G_l: lower triangles
 * @param curvature of the directions, L x L
 */
public record Volumes(long gradient, long factors, long inverses, long curvature) {
  /**
   * Those of a network.
   *
   * @param widths d_0 … d_L
   * @param diagonalTop whether G_L is a diagonal
   */
  public static Volumes of(int[] widths, boolean diagonalTop) {
    int L = widths.length - 1;
    long gradient = 0;
    long Q = 0;
    long G = 0;
    for (int l = 1; l <= L; l++) {
      gradient += (long) widths[l] * (widths[l - 1] + 1);
      Q += triangle(widths[l - 1] + 1);
      G += l == L && diagonalTop ? widths[l] : triangle(widths[l]);
    }
    return new Volumes(gradient, Q + G, Q + G, (long) L * L);
  }

  private static long triangle(int d) {
    return (long) d * (d + 1) / 2;
  }

  /**
   * The least that a rank sends in an update: 2 S (p - 1) / p bytes for S bytes of sums that all
   * ranks get, and on average 1 / p of the directions, and of the inverses, once.
   *
   * @param refresh whether the update refreshes factors and inverses
   */
  public double leastBytes(int ranks, boolean refresh) {
    double sums = gradient + 1 + curvature + (refresh ? factors : 0);
    if (ranks == 1) {
      return 0;
    }
    double own = (double) (gradient + (refresh ? inverses : 0)) / ranks;
    return Float.BYTES * (2 * sums * (ranks - 1) / ranks + own);
  }
}
