package dev.krongauss.table;

import dev.krongauss.data.DataException;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An array of numbers in a {@code .npy} file, versions 1 to 3, read in blocks of rows; in C order
 * or Fortran's.
 *
 * <p>The format (NumPy, "numpy.lib.format"): {@code 93 "NUMPY"}, version, the length of the head (2
 * bytes little-endian, from version 2 on 4), the head as a Python dictionary, the values.
 */
public final class NpyArray {
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
  private static final Pattern DESCRIPTION = Pattern.compile("'descr'\\s*:\\s*(\\[|'([^']*)')");
  private static final Pattern ORDER = Pattern.compile("'fortran_order'\\s*:\\s*(True|False)");
  private static final Pattern SHAPE = Pattern.compile("'shape'\\s*:\\s*\\(([0-9, ]*)\\)");
  private static final Pattern TYPE = Pattern.compile("[<>|=](f[48]|[iu][1248]|b1)");
  private static final int BLOCK_VALUES = 1 << 18;
  private static final int MOST_HEAD = 1 << 16;

  final Path file;
  final FileState state;
  final int rows;
  final int columns;
  final String type;
  private final boolean fortran;
  private final ByteOrder order;
  private final String code;
  private final int size;
  private final long begin;

  private NpyArray(FileState state, String head, long begin, boolean folds) throws DataException {
    this.state = state;
    file = state.file();
    this.begin = begin;
    Matcher description = matched(DESCRIPTION, head);
    type = description.group(2) == null ? "a structure" : description.group(2);
    if (!TYPE.matcher(type).matches()) {
      throw Say.problem(
          "%s holds values of type %s; f4, f8, i1 to i8, u1 to u8 and b1 are read: save it again"
              + " with .astype('f4')",
          file, type);
    }
    code = type.substring(1);
    size = type.charAt(2) - '0';
    order = type.charAt(0) == '>' ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
    fortran = matched(ORDER, head).group(1).equals("True");
    long[] shape =
        Arrays.stream(matched(SHAPE, head).group(1).split(","))
            .map(String::strip)
            .filter(part -> !part.isEmpty())
            .mapToLong(Long::parseLong)
            .toArray();
    if (folds && shape.length > 2) {
      long leading = 1;
      for (int i = 0; i < shape.length - 1; i++) {
        leading = shape[i] > Memory.MOST_FLOATS ? Long.MAX_VALUE : saturated(leading, shape[i]);
      }
      requireRowMajor(shape);
      shape = new long[] {leading, shape[shape.length - 1]};
    }
    if (shape.length < 1 || shape.length > 2) {
      throw Say.problem(
          "%s has shape %s, and [n] or [n][k] is read; reshape(len(a), -1) makes rows of it",
          file, Arrays.toString(shape));
    }
    long width = shape.length == 2 ? shape[1] : 1;
    if (shape[0] < 1 || width < 1 || shape[0] > Memory.MOST_FLOATS || width > Memory.MOST_FLOATS) {
      throw Say.problem(
          "%s has shape %s; give 1 to %,d rows and columns",
          file, Arrays.toString(shape), Memory.MOST_FLOATS);
    }
    rows = (int) shape[0];
    columns = (int) width;
  }

  static boolean isNpy(byte[] start) {
    return start.length >= MAGIC.length
        && Arrays.equals(start, 0, MAGIC.length, MAGIC, 0, MAGIC.length);
  }

  static NpyArray open(Path file) throws IOException {
    return open(file, false);
  }

  /**
   * Opens an array of real or whole numbers whose last dimension is a row: {@code [N][T][k]} is
   * {@code [N·T][k]}, {@code [n]} is {@code [n][1]}.
   *
   * @throws DataException if there is no such file, it is no such array, or cut short
   */
  public static NpyArray openRows(Path file) throws IOException {
    return open(file, true);
  }

  private static NpyArray open(Path file, boolean folds) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw Say.problem("%s: no such file; give the path of the .npy file", file);
    }
    FileState state = FileState.of(file);
    try (FileChannel in = FileChannel.open(file)) {
      byte[] start = bytes(in, 0, (int) Math.min(12, in.size()));
      if (!isNpy(start) || start.length < 12) {
        throw Say.problem(
            "%s does not begin as a .npy file does%s; save it with numpy.save",
            file,
            start.length > 1 && start[0] == 'P' && start[1] == 'K'
                ? ": it is an .npz archive"
                : "");
      }
      int version = start[6];
      if (version < 1 || version > 3) {
        throw Say.problem("%s is .npy of version %d, and 1 to 3 are read", file, version);
      }
      ByteBuffer lengths = ByteBuffer.wrap(start).order(ByteOrder.LITTLE_ENDIAN);
      int head = version == 1 ? lengths.getShort(8) & 0xffff : lengths.getInt(8);
      int at = version == 1 ? 10 : 12;
      if (head < 0 || head > MOST_HEAD || at + head > in.size()) {
        throw Say.problem("%s is cut short within its head; save it again", file);
      }
      String text = new String(bytes(in, at, head), StandardCharsets.UTF_8);
      NpyArray array = new NpyArray(state, text, at + (long) head, folds);
      array.requireLength(in.size());
      return array;
    }
  }

  /** All dimensions but the last one, multiplied. */
  public int rows() {
    return rows;
  }

  /** The last dimension. */
  public int columns() {
    return columns;
  }

  /**
   * All values.
   *
   * @return {@code [rows][columns]}, row-major; doubles and whole numbers rounded to floats
   * @throws DataException if there are more than a Java array holds
   * @throws IOException if the file has become shorter
   */
  public float[] floats() throws IOException {
    if ((long) rows * columns > Memory.MOST_FLOATS) {
      throw Say.problem(
          "%s has %,d rows of %,d values, and %,d values are read at most: save a part of it",
          file, rows, columns, Memory.MOST_FLOATS);
    }
    float[] values = new float[rows * columns];
    int step = Math.max(1, BLOCK_VALUES / columns);
    double[] block = new double[Math.multiplyExact(Math.min(step, rows), columns)];
    try (Blocks blocks = new Blocks()) {
      for (int first = 0; first < rows; first += step) {
        int count = Math.min(step, rows - first);
        blocks.read(first, count, block);
        for (int i = 0; i < count * columns; i++) {
          values[first * columns + i] = (float) block[i];
        }
      }
    }
    return values;
  }

  private static long saturated(long a, long b) {
    return b != 0 && a > Memory.MOST_FLOATS / b ? Long.MAX_VALUE : a * b;
  }

  private void requireRowMajor(long[] shape) throws DataException {
    if (fortran) {
      throw Say.problem(
          "%s has shape %s in Fortran's order; save it with numpy.ascontiguousarray",
          file, Arrays.toString(shape));
    }
  }

  private void requireLength(long length) throws DataException {
    long wanted = begin + (long) rows * columns * size;
    if (length != wanted) {
      throw Say.problem(
          "%s has %,d bytes, and %,d rows of %,d values of type %s make %,d; save it again",
          file, length, rows, columns, type, wanted);
    }
  }

  private Matcher matched(Pattern pattern, String head) throws DataException {
    Matcher matcher = pattern.matcher(head);
    if (!matcher.find()) {
      throw Say.problem("%s has a head without %s: %s", file, pattern, Say.quoted(head));
    }
    return matcher;
  }

  private static byte[] bytes(FileChannel in, long from, int count) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(count);
    while (buffer.hasRemaining()) {
      if (in.read(buffer, from + buffer.position()) < 0) {
        throw new EOFException("the file became shorter while it was read");
      }
    }
    return buffer.array();
  }

  /** Values of rows, read one block after the other. */
  final class Blocks implements Closeable {
    private final FileChannel in;

    Blocks() throws IOException {
      in = FileChannel.open(file);
    }

    /** Reads rows {@code [count][columns]}. */
    void read(int first, int count, double[] into) throws IOException {
      if (!fortran) {
        long from = begin + (long) first * columns * size;
        ByteBuffer buffer = ByteBuffer.wrap(bytes(in, from, count * columns * size)).order(order);
        for (int i = 0; i < count * columns; i++) {
          into[i] = value(buffer, i);
        }
        return;
      }
      for (int c = 0; c < columns; c++) {
        long from = begin + ((long) c * rows + first) * size;
        ByteBuffer buffer = ByteBuffer.wrap(bytes(in, from, count * size)).order(order);
        for (int r = 0; r < count; r++) {
          into[r * columns + c] = value(buffer, r);
        }
      }
    }

    @Override
    public void close() throws IOException {
      in.close();
    }
  }

  private double value(ByteBuffer buffer, int i) {
    return switch (code) {
      case "f4" -> buffer.getFloat(4 * i);
      case "f8" -> buffer.getDouble(8 * i);
      case "i1" -> buffer.get(i);
      case "u1", "b1" -> buffer.get(i) & 0xff;
      case "i2" -> buffer.getShort(2 * i);
      case "u2" -> buffer.getShort(2 * i) & 0xffff;
      case "i4" -> buffer.getInt(4 * i);
      case "u4" -> buffer.getInt(4 * i) & 0xffffffffL;
      case "i8" -> buffer.getLong(8 * i);
      default -> unsigned(buffer.getLong(8 * i));
    };
  }

  /** Halved with the lowest bit kept, so that rounding to double is right. */
  private static double unsigned(long bits) {
    return bits >= 0 ? bits : ((bits >>> 1) | (bits & 1)) * 2.0;
  }
}
