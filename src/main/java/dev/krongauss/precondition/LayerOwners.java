package dev.krongauss.precondition;

import dev.krongauss.device.Check;
import dev.krongauss.dist.Collective;
import java.util.Arrays;
import java.util.List;

/**
 * Which rank has the factors of which layers, where their state is sharded: neighbouring layers,
 * the lowest by rank 0, so that KFRA's recursion goes from rank to rank once. Of all ways to cut
 * the layers so, one by which the rank with the most work has the least.
 */
public final class LayerOwners {
  private final Collective ranks; // null for one that has all layers
  private final int[] first; // layer of each rank, then the number of layers

  private LayerOwners(Collective ranks, int[] first) {
    this.ranks = ranks;
    this.first = first;
  }

  /** One owner of all layers. */
  public static LayerOwners one(int layers) {
    return new LayerOwners(null, new int[] {0, layers});
  }

  /**
   * Shares layers out.
   *
   * @param outputs d_l of each layer
   * @param inputs d_{l-1} + 1 of each layer
   * @param diagonalTop whether the last layer's G is a diagonal
   * @param refreshEvery usual number of updates from one refresh to the next
   * @throws IllegalArgumentException if there are more ranks than layers
   */
  public static LayerOwners of(
      Collective ranks, int[] outputs, int[] inputs, boolean diagonalTop, int refreshEvery) {
    Check.that(
        ranks.size() <= outputs.length,
        "shard() with %d ranks for %d layers; each rank has a layer at least: start fewer ranks, or"
            + " leave shard() out",
        ranks.size(),
        outputs.length);
    double[] cost = new double[outputs.length];
    for (int l = 0; l < cost.length; l++) {
      double o = outputs[l];
      double i = inputs[l];
      double full = diagonalTop && l == cost.length - 1 ? 1 : o;
      // A solve of each update; of a refresh the inverses.
      cost[l] = full * o * i + o * i * i + (full * full * o + i * i * i) / refreshEvery;
    }
    return new LayerOwners(ranks, cut(cost, ranks.size()));
  }

  /** The first piece of each part, then the number of pieces; of equal cuts the first. */
  static int[] cut(double[] cost, int parts) {
    int n = cost.length;
    double[][] most = new double[parts + 1][n + 1]; // of the first pieces in so many parts
    int[][] last = new int[parts + 1][n + 1]; // where the last of these parts begins
    for (double[] row : most) {
      Arrays.fill(row, Double.POSITIVE_INFINITY);
    }
    most[0][0] = 0;
    for (int p = 1; p <= parts; p++) {
      for (int end = p; end <= n; end++) {
        double part = 0;
        for (int begin = end - 1; begin >= p - 1; begin--) {
          part += cost[begin];
          double worst = Math.max(part, most[p - 1][begin]);
          if (worst < most[p][end]) {
            most[p][end] = worst;
            last[p][end] = begin;
          }
        }
      }
    }
    int[] first = new int[parts + 1];
    first[parts] = n;
    for (int p = parts; p > 0; p--) {
      first[p - 1] = last[p][first[p]];
    }
    return first;
  }

  /** Whether other ranks have some of the layers. */
  public boolean shared() {
    return ranks != null && ranks.size() > 1;
  }

  /** The ranks; null for one owner. */
  public Collective ranks() {
    return ranks;
  }

  /** All layers. */
  public int layers() {
    return first[first.length - 1];
  }

  /** The rank that has a layer, from 0. */
  public int owner(int layer) {
    int r = 0;
    while (layer >= first[r + 1]) {
      r++;
    }
    return r;
  }

  /** First layer of a rank. */
  public int first(int rank) {
    return first[rank];
  }

  /** Layers of a rank. */
  public int count(int rank) {
    return first[rank + 1] - first[rank];
  }

  /** This rank's first layer. */
  public int first() {
    return first[rank()];
  }

  /** The layer behind this rank's last one. */
  public int end() {
    return first[rank() + 1];
  }

  /** Whether a layer is this rank's. */
  public boolean own(int layer) {
    return layer >= first() && layer < end();
  }

  /** Those of this rank's layers, of one thing a layer. */
  public <T> List<T> own(List<T> ofLayers) {
    return ofLayers.subList(first(), end());
  }

  private int rank() {
    return ranks == null ? 0 : ranks.rank();
  }
}
