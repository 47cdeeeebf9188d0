package dev.krongauss.bench.fetch;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.zip.DeflaterOutputStream;

/** Writes MAT-files of level 5 for tests, as the format is described. */
final class MatFiles {
  private static final int INT8 = 1;
  private static final int UINT8 = 2;
  private static final int INT32 = 5;
  private static final int UINT32 = 6;
  private static final int MATRIX = 14;
  private static final int COMPRESSED = 15;
  private static final int UINT8_CLASS = 9;

  private final ByteOrder order;

  MatFiles(ByteOrder order) {
    this.order = order;
  }

  /** A file of elements. */
  byte[] file(byte[]... elements) {
    ByteBuffer header = ByteBuffer.allocate(128).order(order);
    header.put("MATLAB 5.0 MAT-file, made for a test".getBytes(StandardCharsets.US_ASCII));
    boolean little = order == ByteOrder.LITTLE_ENDIAN;
    header.putShort(124, (short) 0x0100).put(126, (byte) (little ? 'I' : 'M'));
    header.put(127, (byte) (little ? 'M' : 'I'));
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    file.writeBytes(header.array());
    for (byte[] element : elements) {
      file.writeBytes(element);
    }
    return file.toByteArray();
  }

  /** An array of unsigned bytes, its values in column-major order. */
  byte[] array(String name, byte[] values, int... sizes) {
    ByteBuffer shape = ByteBuffer.allocate(4 * sizes.length).order(order);
    for (int size : sizes) {
      shape.putInt(size);
    }
    ByteArrayOutputStream parts = new ByteArrayOutputStream();
    ByteBuffer flags = ByteBuffer.allocate(8).order(order).putInt(UINT8_CLASS).putInt(0);
    parts.writeBytes(element(UINT32, flags.array()));
    parts.writeBytes(element(INT32, shape.array()));
    parts.writeBytes(element(INT8, name.getBytes(StandardCharsets.US_ASCII)));
    parts.writeBytes(element(UINT8, values));
    return element(MATRIX, parts.toByteArray());
  }

  byte[] compressed(byte[] element) throws java.io.IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (DeflaterOutputStream out = new DeflaterOutputStream(packed)) {
      out.write(element);
    }
    int size = packed.size();
    ByteBuffer whole = ByteBuffer.allocate(8 + size).order(order).putInt(COMPRESSED).putInt(size);
    return whole.put(packed.toByteArray()).array();
  }

  /** Up to four bytes are written in the short form. */
  private byte[] element(int type, byte[] data) {
    if (data.length >= 1 && data.length <= 4) {
      return ByteBuffer.allocate(8).order(order).putInt(data.length << 16 | type).put(data).array();
    }
    int padded = (data.length + 7) / 8 * 8;
    ByteBuffer bytes = ByteBuffer.allocate(8 + padded).order(order);
    return bytes.putInt(type).putInt(data.length).put(data).array();
  }
}
