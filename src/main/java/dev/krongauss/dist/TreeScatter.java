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
  private final Buffer memory; // of all parts, then of the sums of another rank
  private final long received; // floats before those

  /**
   * Takes memory for all parts, and for the sums of another rank.
   *
   * @param floats of each rank's part, 0 for none
   * @throws IllegalArgumentException if the number of ranks is no power of two
   */
  public TreeScatter(Device device, Arena arena, Collective ranks, long[] floats, String name) {
    this.ranks = ranks;
    this.add = new Hadamard(device);
    begins = begins(ranks.size(), floats);
    received = begins[ranks.size()];
    memory = arena.floats(memoryFloats(ranks.rank(), ranks.size(), floats), name);
  }

  /**
   * Floats that the one of a rank takes of its arena.
   *
   * @throws IllegalArgumentException as of the constructor
   */
  public static long memoryFloats(int rank, int size, long[] floats) {
    long[] begins = begins(size, floats);
    long[] most = size == 1 ? new long[2] : kept(begins, 1, rank);
    return Math.max(1, begins[size] + most[1] - most[0]);
  }

  private static long[] begins(int size, long[] floats) {
    TreeReduction.checkRanks(size);
    Check.that(floats.length == size, "%d parts for %d ranks", floats.length, size);
    long[] begins = new long[size + 1];
    for (int place = 0; place < size; place++) {
      begins[place + 1] = begins[place] + padded(floats[place(place, size)]);
    }
    return begins;
  }

  private static long padded(long floats) {
    return (floats + WIDTH - 1) / WIDTH * WIDTH;
  }

  /** The place of a rank, and the rank of a place: the bits of its number, the lowest first. */
  private static int place(int rank, int size) {
    int bits = Integer.numberOfTrailingZeros(size);
    return bits == 0 ? 0 : Integer.reverse(rank) >>> Integer.SIZE - bits;
  }

  /** Device address of a rank's part: to be written before {@link #sum}, this rank's read then. */
  public long part(int rank) {
    return address(begins[place(rank, ranks.size())]);
  }

  /**
   * Sums all, but for one addition. The sum of this rank's part is what stands there, plus what
   * lies behind it, rounded once: who takes it from there adds the two.
   *
   * @return floats from a summand to the other; 0 where the sum itself stands there
   */
  public long sum(Stream s) {
    if (ranks.anyOrder()) {
      ranks.sum(s, memory.pointer(), Float.BYTES * begins[ranks.size()]);
      return 0;
    }
    long[] part = {begins[0], begins[ranks.size()]};
    for (int distance = 1; distance < ranks.size(); distance *= 2) {
      int peer = ranks.rank() ^ distance;
      long[] kept = kept(distance, ranks.rank());
      long[] given = kept(distance, peer);
      long length = kept[1] - kept[0];
      ranks.exchange(
          s,
          address(given[0]),
          Float.BYTES * (given[1] - given[0]),
          address(received),
          Float.BYTES * length,
          peer);
      boolean last = 2 * distance == ranks.size();
      if (length > 0 && !last) {
        Matrix sum = rows(address(kept[0]), length);
        add.add(s, sum, 1, rows(address(received), length), sum);
      }
      part = kept;
    }
    return ranks.size() == 1 ? 0 : received - part[0];
  }

  private long[] kept(int distance, int rank) {
    return kept(begins, distance, rank);
  }

  /** The floats that a rank goes on with behind the level of that distance: first and end. */
  private static long[] kept(long[] begins, int distance, int rank) {
    int size = begins.length - 1;
    int places = size / (2 * distance);
    int first = place(rank, size) / places * places;
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
