package dev.krongauss.data;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.zip.CRC32C;

/**
 * What a kept data set is: everything that decides its values.
 *
 * @param name of the data set, at most 24 bytes
 * @param version of its generator
 * @param seed of its generator
 * @param source SHA-256 in hexadecimal of what it is made from; empty: of nothing
 * @param rows number of rows
 * @param width values a row
 */
record CacheKey(String name, int version, long seed, String source, int rows, int width) {
  static final int HEADER_BYTES = 96;

  private static final byte[] MAGIC = "KGDATA1\n".getBytes(StandardCharsets.US_ASCII);
  private static final int NAME_BYTES = 24;
  private static final int SOURCE_BYTES = 32;
  private static final int CHECKSUM_AT = 84;
  private static final String ENDING = ".f32";

  /** Begins the names of all files of this data set, whatever version and seed. */
  String filePrefix() {
    return name.replace(' ', '-') + ".v";
  }

  /** Begins the names of this version's. */
  String versionPrefix() {
    return filePrefix() + version + ".";
  }

  String fileName() {
    String from = source.isEmpty() ? "" : "." + source.substring(0, 16);
    return versionPrefix() + "seed" + seed + from + ENDING;
  }

  long fileBytes() {
    return HEADER_BYTES + (long) rows * width * Float.BYTES;
  }

  /**
   * The header, little-endian, in bytes: magic 8, name 24, source 32, version 4, rows 4, width 4,
   * seed 8, checksum of the values 4, of the header up to here 4, and 4 of zero.
   */
  ByteBuffer header(int checksum) {
    ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    header.put(MAGIC);
    header.put(padded(name.getBytes(StandardCharsets.UTF_8), NAME_BYTES));
    header.put(padded(HexFormat.of().parseHex(source), SOURCE_BYTES));
    header.putInt(version).putInt(rows).putInt(width);
    header.putLong(seed);
    header.putInt(checksum);
    CRC32C crc = new CRC32C();
    crc.update(header.array(), 0, header.position());
    header.putInt((int) crc.getValue()).putInt(0);
    return header.flip();
  }

  /** The checksum of the values that a header states. */
  static int checksum(ByteBuffer header) {
    return header.getInt(CHECKSUM_AT);
  }

  private static byte[] padded(byte[] bytes, int length) {
    if (bytes.length > length) {
      throw new IllegalArgumentException(
          "%d bytes in a field of %d of a cache file's header".formatted(bytes.length, length));
    }
    byte[] padded = new byte[length];
    System.arraycopy(bytes, 0, padded, 0, bytes.length);
    return padded;
  }

  @Override
  public String toString() {
    return "%s, version %d, seed %d".formatted(name, version, seed);
  }
}
