package dev.krongauss.table;

import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * Counts the records of a CSV file by its bytes, much faster than parsing it: line ends outside of
 * quotes, empty lines not counted. UTF-8 has no byte of these characters within another character.
 *
 * <p>Blocks without a quote or a carriage return are counted eight bytes at a time. The count is
 * for allocating; whoever parses checks it.
 */
final class RecordCount {
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final int BLOCK = 1 << 16;
  private static final long LOW = 0x7f7f7f7f7f7f7f7fL;
  private static final long HIGH = 0x8080808080808080L;
  private static final long BEYOND_QUOTE = '"' + 1;
  private static final long ONES = 0x0101010101010101L;

  private final byte delimiter;
  private final long segmentBytes;
  private final List<long[]> borders = new ArrayList<>();
  private long bytes;
  private long lines;
  private boolean special;
  private long records;
  private boolean quoted;
  private boolean closed;
  private boolean fieldBegins = true;
  private boolean lineIsEmpty = true;
  private boolean afterReturn;

  private RecordCount(char delimiter, long segmentBytes) {
    this.delimiter = (byte) delimiter;
    this.segmentBytes = segmentBytes;
  }

  /**
   * Counts up to the end of a stream.
   *
   * @param segmentBytes about how long {@link #segments} are to be
   */
  static RecordCount of(InputStream in, char delimiter, long segmentBytes) throws IOException {
    RecordCount count = new RecordCount(delimiter, segmentBytes);
    byte[] block = new byte[BLOCK];
    for (int size = in.readNBytes(block, 0, BLOCK);
        size > 0;
        size = in.readNBytes(block, 0, BLOCK)) {
      int done = count.quoted || count.afterReturn ? 0 : count.plain(block, size);
      count.careful(block, done, size);
      count.border(block, size);
    }
    return count;
  }

  /** Non-empty records. */
  long records() {
    return records + (lineIsEmpty ? 0 : 1);
  }

  /**
   * Parts that begin and end at line ends; one alone where there are quotes, which may hold line
   * ends, or carriage returns.
   *
   * @param skipped records that are no rows: the header
   */
  List<Segment> segments(int skipped) {
    List<long[]> ends = new ArrayList<>(special ? List.of() : borders);
    ends.add(new long[] {bytes, records(), lines});
    List<Segment> segments = new ArrayList<>();
    long[] begin = {0, skipped, 0};
    for (long[] end : ends) {
      int row = (int) (begin[1] - skipped);
      segments.add(
          new Segment(begin[0], end[0] - begin[0], row, (int) (end[1] - begin[1]), begin[2]));
      begin = end;
    }
    return segments;
  }

  /** Where a segment is long enough, it ends at the last line end of the block. */
  private void border(byte[] block, int size) {
    long since = borders.isEmpty() ? 0 : borders.get(borders.size() - 1)[0];
    bytes += size;
    if (bytes - since < segmentBytes || records < 2) {
      return;
    }
    for (int i = size - 1; i >= 0; i--) {
      if (block[i] == '\n') {
        borders.add(new long[] {bytes - size + i + 1, records, lines});
        return;
      }
    }
  }

  /** Counts whole words until one has a quote or a return; returns how many bytes are done. */
  private int plain(byte[] block, int size) {
    int at = 0;
    boolean empty = lineIsEmpty;
    for (; at + 8 <= size; at += 8) {
      long word = (long) LONGS.get(block, at);
      if (((word - BEYOND_QUOTE * ONES) & ~word & HIGH) == 0) { // most words: all bytes above '"'
        empty = false;
        continue;
      }
      if ((zeros(word ^ ('"' * ONES)) | zeros(word ^ ('\r' * ONES))) != 0) {
        break;
      }
      long ends = zeros(word ^ ('\n' * ONES));
      if (ends != 0) {
        // A line end right behind another one, or behind the last word's, ends an empty line.
        long emptyEnds = ends & ((ends << 8) | (empty ? 0x80L : 0));
        lines += Long.bitCount(ends);
        records += Long.bitCount(ends) - Long.bitCount(emptyEnds);
        empty = (ends & (0x80L << 56)) != 0;
      } else {
        empty = false;
      }
    }
    lineIsEmpty = empty;
    if (at > 0) {
      closed = false;
      fieldBegins = block[at - 1] == '\n' || block[at - 1] == delimiter;
    }
    return at;
  }

  /** 0x80 in each byte that is zero, exactly. */
  private static long zeros(long word) {
    return ~(((word & LOW) + LOW) | word | LOW);
  }

  private void careful(byte[] block, int begin, int end) {
    for (int i = begin; i < end; i++) {
      byte c = block[i];
      special |= c == '"' || c == '\r';
      lines += c == '\n' ? 1 : 0;
      if (quoted) {
        quoted = c != '"';
        closed = !quoted;
      } else if (c == '"' && (fieldBegins || closed)) { // behind a closing quote: a quote as text
        quoted = true;
        fieldBegins = false;
        lineIsEmpty = false;
      } else if (c == '\n' && afterReturn) {
        fieldBegins = true;
      } else if (c == '\n' || c == '\r') {
        records += lineIsEmpty ? 0 : 1;
        lineIsEmpty = true;
        fieldBegins = true;
        closed = false;
      } else {
        fieldBegins = c == delimiter;
        lineIsEmpty = false;
        closed = false;
      }
      afterReturn = !quoted && c == '\r';
    }
  }
}
