package dev.krongauss.data;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.zip.ZipException;

/**
 * An array of numbers read from an IDX file, gzipped or plain; of unsigned bytes, as MNIST's, or of
 * another {@link IdxType}.
 *
 * <p>The format (LeCun, Cortes, Burges, "The MNIST database of handwritten digits"): two zero
 * bytes, a type (8 = unsigned byte), the number of dimensions, one big-endian 32-bit size a
 * dimension, then the values in row-major order. A file that says one thing and holds another is an
 * error, never a guess. Whether a file is gzipped is told by its first two bytes, not by its name.
 */
public final class Idx {
  private static final int MAX_DIMENSIONS = 4;

  private final Path file;
  private final IdxType type;
  private final int[] shape;
  private final byte[] bytes;
  private final ByteBuffer values;

  private Idx(Path file, IdxType type, int[] shape, byte[] bytes) {
    this.file = file;
    this.type = type;
    this.shape = shape;
    this.bytes = bytes;
    this.values = ByteBuffer.wrap(bytes);
  }

  /**
   * Reads a whole file of any type and any number of dimensions.
   *
   * @param file gzipped or plain
   * @return the array
   * @throws DataException if the file is missing, cut short, longer than it says or no IDX file
   * @throws IOException if reading fails for another reason
   */
  public static Idx readAny(Path file) throws IOException {
    return read(file, true, new int[0]);
  }

  /**
   * Reads a whole file of unsigned bytes.
   *
   * @param file gzipped or plain
   * @param wanted the expected size of each dimension, -1 for any; nothing at all: any shape
   * @return the array
   * @throws DataException if the file is missing, cut short, longer than it says, of another type,
   *     or of another shape than wanted
   * @throws IOException if reading fails for another reason
   */
  public static Idx read(Path file, int... wanted) throws IOException {
    return read(file, false, wanted);
  }

  private static Idx read(Path file, boolean anyType, int[] wanted) throws IOException {
    try (InputStream in = Packed.open(file, "the IDX file")) {
      byte[] magic = magic(file, in);
      IdxType type = anyType ? IdxType.of(file, magic) : bytesOnly(file, magic);
      int[] shape = sizes(file, in, magic[3] & 0xff);
      requireShape(file, type, shape, wanted);
      return new Idx(file, type, shape, body(file, in, type, shape));
    } catch (EOFException e) {
      throw new DataException(
          "%s is cut short: its gzip stream ends early; fetch it again".formatted(file), e);
    } catch (ZipException e) {
      throw new DataException(
          "%s is damaged: gzip reports \"%s\"; fetch it again".formatted(file, e.getMessage()), e);
    }
  }

  /** Where this was read from. */
  Path file() {
    return file;
  }

  /** Bytes of the values [count][width], row-major: the array itself, not to be changed. */
  byte[] bytes() {
    return bytes;
  }

  /**
   * The size of each dimension; the first is the number of items.
   *
   * @return a copy
   */
  public int[] shape() {
    return shape.clone();
  }

  /**
   * Number of items: the size of the first dimension.
   *
   * @return at least 1
   */
  public int count() {
    return shape[0];
  }

  /**
   * Values an item: the product of all sizes but the first.
   *
   * @return at least 1
   */
  public int width() {
    return bytes.length / type.bytes() / shape[0];
  }

  /**
   * What the values are.
   *
   * @return the type that the file's head names
   */
  public IdxType type() {
    return type;
  }

  /**
   * One value of any type.
   *
   * @param item from 0
   * @param index within the item, from 0
   * @return exactly the value of the file
   */
  public double number(int item, int index) {
    return type.value(values, (item * width() + index) * type.bytes());
  }

  /**
   * The same items with their last two dimensions exchanged: EMNIST's images have columns for rows.
   *
   * @return a copy
   * @throws IllegalArgumentException if an item has fewer than two dimensions
   */
  public Idx transposed() {
    if (shape.length < 3) {
      throw new IllegalArgumentException(
          "%s holds an array of %s; only items of two dimensions or more, as images, are transposed"
              .formatted(file, text(shape)));
    }
    int[] turned = shape.clone();
    int height = shape[shape.length - 2];
    int width = shape[shape.length - 1];
    turned[shape.length - 2] = width;
    turned[shape.length - 1] = height;
    byte[] copy = new byte[bytes.length];
    int size = type.bytes();
    for (int i = 0; i < bytes.length / size; i++) {
      int image = i / (height * width) * height * width;
      int y = (i - image) / width;
      int x = (i - image) % width;
      System.arraycopy(bytes, i * size, copy, (image + x * height + y) * size, size);
    }
    return new Idx(file, type, turned, copy);
  }

  /**
   * One value of a file of unsigned bytes, 0 to 255.
   *
   * @param item from 0
   * @param index within the item, from 0
   * @return the unsigned value
   */
  public int value(int item, int index) {
    return bytes[item * width() + index] & 0xff;
  }

  /**
   * Some items as floats, each value divided by a number.
   *
   * @param first first item
   * @param count number of items, at least 1
   * @param divisor 255 maps to [0, 1]
   * @return {@code [count][width]}, row-major
   * @throws IllegalArgumentException if the file does not hold these items
   */
  public float[] floats(int first, int count, float divisor) {
    if (first < 0 || count < 1 || count > shape[0] - first) {
      throw new IllegalArgumentException(
          "%s holds items 0 to %,d; cannot give %,d items from %,d on"
              .formatted(file, shape[0] - 1, count, first));
    }
    int width = width();
    float[] values = new float[count * width];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) number(first, i) / divisor;
    }
    return values;
  }

  private static byte[] magic(Path file, InputStream in) throws IOException {
    byte[] magic = in.readNBytes(4);
    if (magic.length < 4) {
      throw new DataException(
          "%s is cut short: %d bytes, but the IDX header alone takes at least 8; fetch it again"
              .formatted(file, magic.length));
    }
    return magic;
  }

  private static IdxType bytesOnly(Path file, byte[] magic) throws DataException {
    int dimensions = magic[3] & 0xff;
    if (magic[0] != 0
        || magic[1] != 0
        || magic[2] != IdxType.UNSIGNED_BYTE.code()
        || dimensions < 1
        || dimensions > MAX_DIMENSIONS) {
      throw new DataException(
          ("%s begins with %02x %02x %02x %02x, but an IDX file of unsigned bytes begins with 00 00"
                  + " 08 and the number of dimensions (1 to %d); is it another file, or packed with"
                  + " something other than gzip?")
              .formatted(file, magic[0], magic[1], magic[2], magic[3], MAX_DIMENSIONS));
    }
    return IdxType.UNSIGNED_BYTE;
  }

  private static int[] sizes(Path file, InputStream in, int dimensions) throws IOException {
    byte[] sizes = in.readNBytes(4 * dimensions);
    if (sizes.length < 4 * dimensions) {
      throw new DataException(
          "%s is cut short within its header: %d of %d bytes; fetch it again"
              .formatted(file, 4 + sizes.length, 4 + 4 * dimensions));
    }
    int[] shape = new int[dimensions];
    ByteBuffer.wrap(sizes).asIntBuffer().get(shape);
    return shape;
  }

  private static void requireShape(Path file, IdxType type, int[] shape, int[] wanted)
      throws DataException {
    boolean ok = wanted.length == 0 || wanted.length == shape.length;
    for (int i = 0; ok && i < wanted.length; i++) {
      ok = wanted[i] < 0 || wanted[i] == shape[i];
    }
    if (!ok) {
      throw new DataException(
          "%s holds an array of %s, but %s is wanted; is it another data set's file?"
              .formatted(file, text(shape), text(wanted)));
    }
    long total = type.bytes();
    for (int size : shape) {
      total = size < 1 || total > Integer.MAX_VALUE ? Long.MAX_VALUE : total * size;
    }
    if (total > Integer.MAX_VALUE - 8) {
      throw new DataException(
          ("%s says it holds an array of %s; every size must be positive and all values together at"
                  + " most 2 GiB; its header is damaged")
              .formatted(file, text(shape)));
    }
  }

  private static byte[] body(Path file, InputStream in, IdxType type, int[] shape)
      throws IOException {
    int wanted = Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    byte[] bytes;
    try {
      bytes = in.readNBytes(wanted * type.bytes());
    } catch (EOFException e) {
      throw new DataException(
          ("%s is cut short: its gzip stream ends before the %,d values of an array of %s; fetch it"
                  + " again")
              .formatted(file, wanted, text(shape)),
          e);
    }
    if (bytes.length < wanted * type.bytes()) {
      throw new DataException(
          "%s is cut short: %,d values, but an array of %s has %,d; fetch it again"
              .formatted(file, bytes.length / type.bytes(), text(shape), wanted));
    }
    // Reading on to the end also makes gzip check its sum.
    long extra = in.transferTo(OutputStream.nullOutputStream());
    if (extra > 0) {
      throw new DataException(
          ("%s has %,d bytes after the %,d values of an array of %s; its header or its end is"
                  + " damaged: fetch it again")
              .formatted(file, extra, wanted, text(shape)));
    }
    return bytes;
  }

  private static String text(int[] shape) {
    return Arrays.stream(shape)
        .mapToObj(size -> size < 0 ? "n" : Integer.toString(size))
        .collect(Collectors.joining(" x "));
  }
}
