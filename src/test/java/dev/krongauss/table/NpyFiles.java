package dev.krongauss.table;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes {@code .npy} files as the format says. */
final class NpyFiles {
  private NpyFiles() {}

  /** A matrix; of one column it is written as {@code [n]}. */
  static Path write(Path file, int version, String type, boolean fortran, double[][] values)
      throws IOException {
    int n = values.length;
    int k = values[0].length;
    String shape = k == 1 ? "(%d,)".formatted(n) : "(%d, %d)".formatted(n, k);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(head(version, type, fortran, shape));
    for (int i = 0; i < n * k; i++) {
      double value = fortran ? values[i % n][i / n] : values[i / k][i % k];
      out.write(bytes(type, value));
    }
    return Files.write(file, out.toByteArray());
  }

  static byte[] head(int version, String type, boolean fortran, String shape) throws IOException {
    String text =
        "{'descr': '%s', 'fortran_order': %s, 'shape': %s, }"
            .formatted(type, fortran ? "True" : "False", shape);
    int before = version == 1 ? 10 : 12;
    text += " ".repeat(63 - (before + text.length()) % 64) + "\n";
    ByteBuffer begin = ByteBuffer.allocate(before).order(ByteOrder.LITTLE_ENDIAN);
    begin.put((byte) 0x93).put("NUMPY".getBytes(StandardCharsets.US_ASCII));
    begin.put((byte) version).put((byte) 0);
    if (version == 1) {
      begin.putShort((short) text.length());
    } else {
      begin.putInt(text.length());
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(begin.array());
    out.write(text.getBytes(StandardCharsets.UTF_8));
    return out.toByteArray();
  }

  private static byte[] bytes(String type, double value) {
    ByteBuffer buffer =
        ByteBuffer.allocate(type.charAt(2) - '0')
            .order(type.charAt(0) == '>' ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
    switch (type.substring(1)) {
      case "f4" -> buffer.putFloat((float) value);
      case "f8" -> buffer.putDouble(value);
      case "i1", "u1", "b1" -> buffer.put((byte) (int) value);
      case "i2", "u2" -> buffer.putShort((short) (int) value);
      case "i4", "u4" -> buffer.putInt((int) (long) value);
      case "i8" -> buffer.putLong((long) value);
      case "u8" -> buffer.putLong(new BigDecimal(value).toBigInteger().longValue());
      default -> throw new IllegalArgumentException(type);
    }
    return buffer.array();
  }
}
