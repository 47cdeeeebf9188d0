package dev.krongauss.data;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/** A digest of a source that is too large to be read for one: of some rows, spread over it. */
final class RowsDigest {
  private static final int MOST = 16;

  private RowsDigest() {}

  /**
   * How many rows, and the CRC-32C of their numbers, bit for bit.
   *
   * @throws RowException if one of them cannot be read
   */
  static String of(RowSource source) {
    int rows = Math.min(MOST, source.size());
    ByteBuffer inputs = buffer(source.inputWidth());
    ByteBuffer targets = buffer(source.isAutoencoder() ? 0 : source.targetWidth());
    CRC32C crc = new CRC32C();
    for (int i = 0; i < rows; i++) {
      // The first, the last, and what lies between in even steps.
      int row = rows == 1 ? 0 : (int) ((long) i * (source.size() - 1) / (rows - 1));
      StreamedRows.read(source, row, inputs.asFloatBuffer(), targets.asFloatBuffer());
      crc.update(inputs.duplicate());
      crc.update(targets.duplicate());
    }
    return "%d with %08x".formatted(rows, crc.getValue());
  }

  private static ByteBuffer buffer(int floats) {
    return ByteBuffer.allocateDirect(Float.BYTES * floats).order(ByteOrder.nativeOrder());
  }
}
