package dev.krongauss.io;

import dev.krongauss.device.Buffer;
import dev.krongauss.device.Matrix;
import java.io.IOException;

/**
 * Device memory in parts, in the order of a file's bytes, so that the host never holds a whole
 * tensor: one may be larger than a Java array, and than the heap.
 *
 * @param words most words of 4 bytes a part
 */
record Parts(int words) {
  /** As long as a part of 4 MiB is copied, nothing else about it counts. */
  static final Parts USUAL = new Parts(1 << 20);

  /** What is done with a part. */
  @FunctionalInterface
  interface Each {
    /**
     * @param part a view; its rows are compact in the file
     */
    void take(Matrix part) throws IOException;
  }

  /** What has parts. */
  @FunctionalInterface
  interface Whole {
    void forEach(Each each) throws IOException;
  }

  /** Rows of a matrix, as many as a part holds; pieces of a row where that is longer. */
  Whole of(Matrix matrix) {
    int columns = matrix.columns();
    if (columns > words) {
      return each -> {
        for (int i = 0; i < matrix.rows(); i++) {
          row(matrix.rows(i, 1).pointer(), columns, each);
        }
      };
    }
    return each -> {
      int most = words / columns;
      for (int i = 0; i < matrix.rows(); i += most) {
        each.take(matrix.rows(i, Math.min(most, matrix.rows() - i)));
      }
    };
  }

  /** The words of a buffer, whatever they mean. */
  Whole of(Buffer buffer) {
    return each -> row(buffer.pointer(), buffer.bytes() / 4, each);
  }

  private void row(long pointer, long count, Each each) throws IOException {
    for (long first = 0; first < count; first += words) {
      int length = (int) Math.min(words, count - first);
      each.take(Matrix.wrap(pointer + 4 * first, 1, length, length));
    }
  }
}
