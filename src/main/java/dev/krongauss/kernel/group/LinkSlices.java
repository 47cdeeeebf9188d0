package dev.krongauss.kernel.group;

import dev.krongauss.device.Launch;
import dev.krongauss.kernel.tuning.Shapes;

/**
 * How the tiles of a chain's links share out their inner dimension: {@code Slices} of {@code
 * kernels/slices.cuh}. Shapes decide alone, so that every chip gives the same bits.
 *
 * <p>Public for the launchers; no part of the API.
 */
public final class LinkSlices {
  /** Inner indices of a step of the main loop. */
  private static final int STEP = 16;

  /** What one launch has room for; {@code kMostSliced} of {@code kernels/chain.cuh}. */
  public static final int MOST_SUMS = 1024;

  private final int[] slices;
  private final int[] steps;
  private final int[] partial;
  private final int[] counter;
  private int sums;

  /** For so many links. */
  LinkSlices(int links) {
    slices = new int[links];
    steps = new int[links];
    partial = new int[links];
    counter = new int[links];
  }

  /** Links whose tasks may run beside those of any other: each has a place of its own. */
  void apart(Tiles tiles, Inner inner) {
    int next = 0;
    int counted = 0;
    for (int g = 0; g < slices.length; g++) {
      if (g % Groups.MOST == 0) {
        next = 0;
        counted = 0;
      }
      long count = tiles.of(g);
      plan(g, count, inner.of(g), MOST_SUMS - next);
      partial[g] = next;
      counter[g] = counted;
      next += sums(g, count);
      counted += slices[g] > 1 ? (int) count : 0;
      sums = Math.max(sums, next);
    }
  }

  /**
   * Links of which each waits for all of the one before the last: sums of every other one in the
   * same place.
   */
  void inTurns(Tiles tiles, Inner inner) {
    for (int g = 0; g < slices.length; g++) {
      long count = tiles.of(g);
      plan(g, count, inner.of(g), Shapes.MOST_LINK_TASKS);
      partial[g] = g % 2 * Shapes.MOST_LINK_TASKS;
      counter[g] = partial[g];
      sums = Math.max(sums, slices[g] > 1 ? partial[g] + sums(g, count) : 0);
    }
  }

  private void plan(int g, long tiles, int inner, int room) {
    int wanted = Shapes.linkSlices(inner, tiles);
    int most = wanted * tiles <= room ? wanted : 1;
    steps[g] = up(up(inner, most), STEP);
    slices[g] = most == 1 ? 1 : up(inner, steps[g] * STEP);
  }

  private int sums(int g, long tiles) {
    return slices[g] > 1 ? Math.toIntExact(slices[g] * tiles) : 0;
  }

  private static int up(int x, int unit) {
    return (x + unit - 1) / unit;
  }

  /** Tasks of a tile of link {@code g}. */
  int slices(int g) {
    return slices[g];
  }

  /** Sums that one launch leaves at most. */
  public int sums() {
    return sums;
  }

  /** Writes what link {@code g} is told of it. */
  void member(Launch launch, int g) {
    boolean shares = slices[g] > 1;
    launch.i32(slices[g] | (shares ? steps[g] << Short.SIZE : 0));
    launch.i32(shares ? partial[g] | counter[g] << Short.SIZE : 0);
  }

  /** Tiles of a link. */
  interface Tiles {
    /** Of link {@code g}. */
    long of(int g);
  }

  /** The inner dimension of a link. */
  interface Inner {
    /** Of link {@code g}; 0 for one that cannot be shared out. */
    int of(int g);
  }
}
