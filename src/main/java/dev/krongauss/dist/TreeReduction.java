package dev.krongauss.dist;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Hadamard;

/**
 * Sums over the ranks in the order of one binary tree, whose leaves are the ranks' own sums: rank r
 * and r xor 1 first, then r xor 2, and so on. Ranks hold neighbouring subtrees of the chunks of a
 * batch, so the bits are those of one rank that has all chunks.
 *
 * <p>By recursive halving: at each level two ranks swap halves, and each goes on with the sum of
 * the half it keeps; the way back gathers the pieces. A rank sends 2 S (p − 1) / p bytes for S, the
 * least that a sum known to all takes where no rank adds for another, in 2 log₂ p exchanges.
 * Source: R. Thakur, R. Rabenseifner, W. Gropp, "Optimization of collective communication
 * operations in MPICH", 2005.
 */
public final class TreeReduction {
  private static final int WIDTH = 256;

  private final Collective ranks;
  private final Hadamard add;
  private final Buffer received;
  private final long floats;

  /**
   * @param arena gives memory for half of the sum
   * @param floats of each sum, as {@link #padded} says
   * @throws IllegalArgumentException if these do not fit, or the number of ranks is no power of two
   */
  public TreeReduction(Device device, Arena arena, Collective ranks, long floats) {
    checkRanks(ranks.size());
    Check.that(
        floats >= 1 && floats == padded(floats, ranks.size()),
        "sums of %d floats over %d ranks; take memory for padded(%d, %d) = %d",
        floats,
        ranks.size(),
        floats,
        ranks.size(),
        padded(floats, ranks.size()));
    this.ranks = ranks;
    this.floats = floats;
    this.add = new Hadamard(device);
    this.received = arena.floats(memoryFloats(floats), "sums of another rank");
  }

  /** Fails unless that many ranks are a binary tree. */
  static void checkRanks(int size) {
    Check.that(
        Integer.bitCount(size) == 1,
        "%d ranks are no binary tree; start 1, 2, 4, 8 or 16 of them",
        size);
  }

  /** Floats rounded up so that {@code size} ranks have equal pieces. */
  public static long padded(long floats, int size) {
    long unit = (long) WIDTH * size;
    return (floats + unit - 1) / unit * unit;
  }

  /** Floats that one takes of its arena for sums of so many floats, padded. */
  public static long memoryFloats(long floats) {
    return Math.max(1, floats / 2);
  }

  /** Bytes that a rank sends for a sum of so many floats, padded. */
  public static long sentBytes(long floats, int size) {
    return 2 * Float.BYTES * padded(floats, size) / size * (size - 1);
  }

  /**
   * Replaces this rank's sum by that of all ranks, bit for bit the same on each; by the engine's
   * own sum where the group's may be in {@linkplain Collective#anyOrder any order}.
   *
   * @param address of the floats in device memory, a multiple of 4
   * @throws CollectiveException if another rank does not take part
   */
  public void sum(Stream s, long address) {
    if (ranks.anyOrder()) {
      ranks.sum(s, address, Float.BYTES * floats);
      return;
    }
    long begin = 0;
    long length = floats;
    for (int distance = 1; distance < ranks.size(); distance *= 2) {
      length /= 2;
      boolean low = (ranks.rank() & distance) == 0;
      long kept = low ? begin : begin + length;
      long given = low ? begin + length : begin;
      ranks.exchange(
          s,
          address + Float.BYTES * given,
          received.pointer(),
          Float.BYTES * length,
          ranks.rank() ^ distance);
      Matrix sum = rows(address + Float.BYTES * kept, length);
      add.add(s, sum, 1, rows(received.pointer(), length), sum);
      begin = kept;
    }
    for (int distance = ranks.size() / 2; distance >= 1; distance /= 2) {
      boolean low = (ranks.rank() & distance) == 0;
      long other = low ? begin + length : begin - length;
      ranks.exchange(
          s,
          address + Float.BYTES * begin,
          address + Float.BYTES * other,
          Float.BYTES * length,
          ranks.rank() ^ distance);
      begin = Math.min(begin, other);
      length *= 2;
    }
  }

  private static Matrix rows(long address, long length) {
    int rows = Check.count(length / WIDTH, "rows of a sum over ranks");
    return Matrix.wrap(address, rows, WIDTH, WIDTH);
  }
}
