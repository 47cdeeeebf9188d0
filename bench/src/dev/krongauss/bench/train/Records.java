package dev.krongauss.bench.train;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * The records of a text table as bytes, one after the other: a line, or several where a quoted
 * field holds line ends. A quote opens a field only at its start, so that a lone one within a field
 * is a character like any other.
 */
final class Records {
  private static final int END = -1;

  private final InputStream in;
  private int ahead;
  private boolean begun;

  /**
   * @param in buffered; stays the caller's
   */
  Records(InputStream in) {
    this.in = in;
  }

  /** The next record with its line end, empty lines passed over; null at the end. */
  byte[] next() throws IOException {
    if (!begun) {
      begun = true;
      ahead = in.read();
    }
    while (ahead != END) {
      byte[] record = record();
      if (!isEmpty(record)) {
        return record;
      }
    }
    return null;
  }

  private byte[] record() throws IOException {
    ByteArrayOutputStream record = new ByteArrayOutputStream();
    boolean start = true; // of a field
    boolean quoted = false;
    while (ahead != END) {
      int c = ahead;
      record.write(c);
      ahead = in.read();
      if (quoted) {
        quoted = c != '"'; // a doubled one opens it again at once
        start = !quoted;
      } else if (c == '"' && start) {
        quoted = true;
      } else if (c == '\n' || c == '\r' && ahead != '\n') {
        break;
      } else {
        start = c == ',' || c == ';' || c == '\t' || c == '|' || isMark(c) && record.size() <= 3;
      }
    }
    return record.toByteArray();
  }

  /** A byte of the mark that some programs begin UTF-8 with. */
  private static boolean isMark(int c) {
    return c == 0xef || c == 0xbb || c == 0xbf;
  }

  private static boolean isEmpty(byte[] record) {
    for (byte c : record) {
      if (c != '\n' && c != '\r') {
        return false;
      }
    }
    return true;
  }
}
