package dev.krongauss.table;

import dev.krongauss.data.DataException;
import java.util.function.LongSupplier;

/** What the Java heap still takes, asked before arrays are allocated. */
final class Memory {
  /** What an array of floats holds at most. */
  static final long MOST_FLOATS = Integer.MAX_VALUE - 8;

  private static final double MEGABYTE = 1e6;

  /** Of what is free, left for everything else. */
  private static final double SHARE = 0.95;

  private final LongSupplier free;

  Memory(LongSupplier free) {
    this.free = free;
  }

  static Memory ofHeap() {
    Runtime runtime = Runtime.getRuntime();
    return new Memory(() -> runtime.maxMemory() - (runtime.totalMemory() - runtime.freeMemory()));
  }

  /** Whether so many bytes can be had; garbage is collected before the answer is no. */
  boolean fits(long bytes) {
    if (bytes <= SHARE * free.getAsLong()) {
      return true;
    }
    System.gc();
    return bytes <= SHARE * free.getAsLong();
  }

  /**
   * Refuses what does not fit.
   *
   * @param rows of one array, times {@code width}: the floats of the largest one
   */
  void require(String file, long bytes, long rows, int width) throws DataException {
    if (rows * width > MOST_FLOATS) {
      throw Say.problem(
          "%s: %,d rows of %,d values are %,d floats, and a Java array holds %,d; drop(...) columns"
              + " or read fewer rows",
          file, rows, width, rows * width, MOST_FLOATS);
    }
    if (!fits(bytes)) {
      throw refused(file, bytes);
    }
  }

  /** Also where the heap has the room, but not in one piece. */
  DataException refused(String file, long bytes) {
    long left = free.getAsLong();
    return Say.problem(
        "%s: the encoded rows take %s, and the Java heap has %s left%s; give Java more with -Xmx,"
            + " drop(...) columns or read fewer rows",
        file, text(bytes), text(left), bytes < left ? ", but not in one piece" : "");
  }

  static String text(long bytes) {
    return Say.text("%,.1f MB", bytes / MEGABYTE);
  }
}
