package dev.krongauss.bench.fetch;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.InflaterInputStream;

/**
 * Reads one array of unsigned bytes from a MAT-file of level 5.
 *
 * <p>The format ("MAT-File Format", MathWorks): 128 bytes of header, the last four of them version
 * and byte order; then elements, each a type and a length of 4 bytes and the data, padded to 8; a
 * length up to 4 may share the word of the type, and the data the next one. An array is an element
 * of elements: flags, sizes, name, values in column-major order. A compressed element is one such,
 * deflated by zlib.
 */
final class MatFile {
  /**
   * Sizes, and the values in column-major order.
   *
   * @param sizes of each dimension
   * @param values one unsigned byte each
   */
  record ByteArray(int[] sizes, byte[] values) {}

  private record Element(int type, ByteBuffer data) {}

  private static final int HEADER = 128;
  private static final int VERSION_AT = 124;
  private static final int ORDER_AT = 126;
  private static final int LEVEL_5 = 0x0100;
  private static final int INFLATED_LIMIT = 64 << 20;
  private static final int UINT8 = 2;
  private static final int INT32 = 5;
  private static final int UINT32 = 6;
  private static final int MATRIX = 14;
  private static final int COMPRESSED = 15;
  private static final int COMPLEX = 0x0800;

  private MatFile() {}

  /**
   * The array of this name.
   *
   * @param file all of its bytes
   * @throws FetchException if the file is no such file, is damaged, or has no such array
   */
  static ByteArray read(byte[] file, String name) throws FetchException {
    ByteBuffer elements = elements(file);
    List<String> names = new ArrayList<>();
    while (elements.hasRemaining()) {
      Element element = next(elements);
      if (element.type() == COMPRESSED) {
        element = next(inflated(element.data()));
      }
      if (element.type() == MATRIX) {
        ByteBuffer matrix = element.data();
        Element flags = next(matrix, UINT32, "an array's flags");
        Element sizes = next(matrix, INT32, "an array's sizes");
        String found = StandardCharsets.UTF_8.decode(next(matrix).data()).toString();
        if (found.equals(name)) {
          return values(name, flags, sizes, matrix);
        }
        names.add(found);
      }
    }
    throw new FetchException("the MAT-file has no array %s, but %s".formatted(name, names));
  }

  private static ByteBuffer elements(byte[] file) throws FetchException {
    if (file.length < HEADER) {
      throw new FetchException(
          "no MAT-file: %,d bytes, but its header alone has 128".formatted(file.length));
    }
    ByteBuffer bytes = ByteBuffer.wrap(file);
    String order = new String(file, ORDER_AT, 2, StandardCharsets.ISO_8859_1);
    if (!order.equals("IM") && !order.equals("MI")) {
      throw new FetchException(
          "no MAT-file of level 5: bytes 126 and 127 are %02x %02x instead of IM or MI"
              .formatted(file[ORDER_AT], file[ORDER_AT + 1]));
    }
    bytes.order(order.equals("IM") ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
    int version = bytes.getShort(VERSION_AT);
    if (version != LEVEL_5) {
      throw new FetchException(
          "a MAT-file of version %04x instead of 0100 (0200 is HDF5)".formatted(version));
    }
    return bytes.position(HEADER);
  }

  private static ByteArray values(String name, Element flags, Element sizes, ByteBuffer matrix)
      throws FetchException {
    if (flags.data().remaining() < 4 || (flags.data().getInt(0) & COMPLEX) != 0) {
      throw new FetchException("array %s is complex or has no flags".formatted(name));
    }
    int[] shape = new int[sizes.data().remaining() / Integer.BYTES];
    long count = 1;
    for (int i = 0; i < shape.length; i++) {
      shape[i] = sizes.data().getInt();
      count = shape[i] < 0 || count > INFLATED_LIMIT ? Long.MAX_VALUE : count * shape[i];
    }
    Element data = next(matrix, UINT8, "array " + name + "'s values, unsigned bytes");
    if (data.data().remaining() != count) {
      throw new FetchException(
          "array %s has %,d values instead of %,d".formatted(name, data.data().remaining(), count));
    }
    byte[] values = new byte[data.data().remaining()];
    data.data().get(values);
    return new ByteArray(shape, values);
  }

  private static Element next(ByteBuffer from, int type, String what) throws FetchException {
    Element element = next(from);
    if (element.type() != type) {
      throw new FetchException(
          "the MAT-file holds type %d where %s (type %d) should be"
              .formatted(element.type(), what, type));
    }
    return element;
  }

  private static Element next(ByteBuffer from) throws FetchException {
    int tag = need(from, Integer.BYTES).getInt();
    int length = tag >>> 16;
    int type = tag & 0xffff;
    int end = from.position() + 4;
    if (length == 0) {
      length = need(from, Integer.BYTES).getInt();
      end = from.position() + (type == COMPRESSED ? length : (length + 7) / 8 * 8);
    }
    ByteBuffer data = need(from, length).slice(from.position(), length).order(from.order());
    from.position(Math.min(end, from.limit())); // some writers leave out the last padding
    return new Element(type, data);
  }

  private static ByteBuffer need(ByteBuffer from, int bytes) throws FetchException {
    if (bytes < 0 || from.remaining() < bytes) {
      throw new FetchException(
          "the MAT-file is damaged or cut short: %,d bytes are left where %,d should be"
              .formatted(from.remaining(), Integer.toUnsignedLong(bytes)));
    }
    return from;
  }

  private static ByteBuffer inflated(ByteBuffer data) throws FetchException {
    byte[] packed = new byte[data.remaining()];
    data.get(packed);
    try (InputStream in = new InflaterInputStream(new ByteArrayInputStream(packed))) {
      byte[] bytes = in.readNBytes(INFLATED_LIMIT + 1);
      if (bytes.length > INFLATED_LIMIT) {
        throw new FetchException("the MAT-file holds an array of more than 64 MiB");
      }
      return ByteBuffer.wrap(bytes).order(data.order());
    } catch (FetchException e) {
      throw e;
    } catch (IOException e) { // only of zlib: the bytes are in memory
      throw new FetchException("the MAT-file is damaged: zlib reports " + e.getMessage(), e);
    }
  }
}
