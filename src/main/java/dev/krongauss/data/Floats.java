package dev.krongauss.data;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/** What a {@link Dataset} does with its arrays {@code [rows][width]}. */
final class Floats {
  private static final int CHUNK = 1 << 16;

  private Floats() {}

  /** CRC-32C of the little-endian bytes of arrays, one behind the other. */
  static long checksum(float[]... arrays) {
    CRC32C sum = new CRC32C();
    ByteBuffer bytes = ByteBuffer.allocate(4 * CHUNK).order(ByteOrder.LITTLE_ENDIAN);
    for (float[] values : arrays) {
      for (int begin = 0; begin < values.length; begin += CHUNK) {
        int count = Math.min(CHUNK, values.length - begin);
        bytes.clear();
        bytes.asFloatBuffer().put(values, begin, count);
        sum.update(bytes.limit(4 * count));
      }
    }
    return sum.getValue();
  }

  /** Copies of some rows. */
  static float[] rows(String name, float[] values, int width, int[] rows) {
    int size = values.length / width;
    if ((long) rows.length * width > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(
          "data set %s: %,d rows of width %,d are more than an array holds; take fewer"
              .formatted(name, rows.length, width));
    }
    float[] chosen = new float[rows.length * width];
    for (int i = 0; i < rows.length; i++) {
      if (rows[i] < 0 || rows[i] >= size) {
        throw new IllegalArgumentException(
            "data set %s: row %,d is not there; it has rows 0 to %,d"
                .formatted(name, rows[i], size - 1));
      }
      System.arraycopy(values, rows[i] * width, chosen, i * width, width);
    }
    return chosen;
  }

  static void requireFinite(String name, float[] values, int width, String what) {
    for (int i = 0; i < values.length; i++) {
      if (!Float.isFinite(values[i])) {
        throw new IllegalArgumentException(
            ("data set %s: %s in row %,d, column %,d of the %s; every value must be a finite"
                    + " number: remove or replace such rows")
                .formatted(name, values[i], i / width, i % width, what));
      }
    }
  }
}
