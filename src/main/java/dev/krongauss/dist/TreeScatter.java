package dev.krongauss.dist;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Hadamard;

/**
 * Sums over the ranks of which each rank gets its own part alone, in the order of {@link
 * TreeReduction}: to its bits.
 *
 * <p>By recursive halving without the way back: at each level two ranks swap the parts of those on
 * the other's side, and go on with the sums for their own. Each part but a rank's own is sent once:
 * S − s bytes for S of all parts and s of its own, in log₂ p exchanges.
 */
public final class TreeScatter {
  private static final int WIDTH = 256;

  private final Collective ranks;
  private final Hadamard add;
  private final long[] begins; // by place, floats; ranks of one half are neighbours at each level
  private final Buffer memory;
  private final Buffer received;

  /**
   * Takes memory for all parts, and for the sums of another rank.
   *
   * @param floats of each rank's part, 0 for none
   * @throws IllegalArgumentException if the number of ranks is no power of two
   */
  public TreeScatter(Device device, Arena arena, Collective ranks, long[] floats, String name) {
    int p = ranks.size();
    TreeReduction.checkRanks(p);
    Check.that(floats.length == p, "%d parts for %d ranks", floats.length, p);
    this.ranks = ranks;
    this.add = new Hadamard(device);
    begins = new long[p + 1];
    for (int place = 0; place < p; place++) {
      begins[place + 1] = begins[place] + padded(floats[place(place)]);
    }
    memory = arena.floats(Math.max(1, begins[p]), name);
    long most = p == 1 ? 0 : kept(1)[1] - kept(1)[0];
    received = arena.floats(Math.max(1, most), "sums of another rank");
  }

  private static long padded(long floats) {
    return (floats + WIDTH - 1) / WIDTH * WIDTH;
  }

  /** The place of a rank, and the rank of a place: the bits of its number, the lowest first. */
  private int place(int rank) {
    int bits = Integer.numberOfTrailingZeros(ranks.size());
    return bits == 0 ? 0 : Integer.reverse(rank) >>> Integer.SIZE - bits;
  }

  /** Device address of a rank's part: to be written before {@link #sum}, this rank's read then. */
  public long part(int rank) {
    return address(begins[place(rank)]);
  }

  /** Sums all; of this rank's part alone the result is there. */
  public void sum(Stream s) {
    if (ranks.anyOrder()) {
      ranks.sum(s, memory.pointer(), Float.BYTES * begins[ranks.size()]);
      return;
    }
    for (int distance = 1; distance < ranks.size(); distance *= 2) {
      int peer = ranks.rank() ^ distance;
      long[] kept = kept(distance);
      long[] given = kept(distance, peer);
      long length = kept[1] - kept[0];
      ranks.exchange(
          s,
          address(given[0]),
          Float.BYTES * (given[1] - given[0]),
          received.pointer(),
          Float.BYTES * length,
          peer);
      if (length > 0) {
        Matrix sum = rows(address(kept[0]), length);
        add.add(s, sum, 1, rows(received.pointer(), length), sum);
      }
    }
  }

  private long[] kept(int distance) {
    return kept(distance, ranks.rank());
  }

  /** The floats that a rank goes on with behind the level of that distance: first and end. */
  private long[] kept(int distance, int rank) {
    int places = ranks.size() / (2 * distance);
    int first = place(rank) / places * places;
    return new long[] {begins[first], begins[first + places]};
  }

  private long address(long floats) {
    return memory.pointer() + Float.BYTES * floats;
  }

  private static Matrix rows(long address, long length) {
    int rows = Check.count(length / WIDTH, "rows of a sum over ranks");
    return Matrix.wrap(address, rows, WIDTH, WIDTH);
  }
}
