package dev.krongauss.bench.ranks;

import dev.krongauss.dist.Collective;
import dev.krongauss.precondition.LayerOwners;
import java.util.Arrays;

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

  /** Who has the layers of a network with a diagonal top where the factors' state is sharded. */
  public static LayerOwners owners(Collective ranks, int[] widths, int refreshEvery) {
    int[] outputs = Arrays.copyOfRange(widths, 1, widths.length);
    int[] inputs = Arrays.stream(widths, 0, widths.length - 1).map(d -> d + 1).toArray();
    return LayerOwners.of(ranks, outputs, inputs, true, refreshEvery);
  }

  /** Floats of G that go from rank to rank in a refresh where the factors' state is sharded. */
  public static long handedOver(int[] widths, LayerOwners owners) {
    long floats = 0;
    for (int r = 1; r < owners.ranks().size(); r++) {
      floats += triangle(widths[owners.first(r)]);
    }
    return floats;
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

  /**
   * The same where the factors' state is sharded: (p - 1) / p of the sums of which one rank alone
   * gets each, 2 (p - 1) / p of those that all get, and on average 1 / p of the directions with
   * five numbers a layer, and of what is handed over.
   *
   * @param handedOver as {@link #handedOver} says
   */
  public double leastShardedBytes(int ranks, boolean refresh, long handedOver) {
    double parts = gradient + (refresh ? factors : 0);
    double own = gradient + 5 * Math.sqrt(curvature) + (refresh ? handedOver : 0);
    return Float.BYTES * ((parts + 2 * curvature) * (ranks - 1) + own) / ranks;
  }
}
