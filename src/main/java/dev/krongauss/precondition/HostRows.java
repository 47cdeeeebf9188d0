package dev.krongauss.precondition;

import dev.krongauss.device.Check;
import dev.krongauss.device.Staging;
import java.nio.FloatBuffer;

/**
 * Rows of a matrix in host memory: a Java array, a buffer (direct or on the heap), or an address of
 * native memory (LWJGL, a native library). A view: the memory is the caller's, and may change from
 * call to call, so that one object serves a whole training. Element (i, j) is float offset + i
 * stride + j.
 */
public final class HostRows {
  private final float[] array;
  private final FloatBuffer buffer;
  private final long address;
  private final int offset;
  private final int rows;
  private final int columns;
  private final int stride;

  private HostRows(
      float[] array,
      FloatBuffer buffer,
      long address,
      int offset,
      int rows,
      int columns,
      int stride) {
    Check.that(
        rows >= 1 && columns >= 1 && stride >= columns && offset >= 0,
        "matrix [%d][%d] with stride %d from float %d on is impossible; rows and columns are at least 1,"
            + " the stride at least the columns, and the offset 0",
        rows,
        columns,
        stride,
        offset);
    this.array = array;
    this.buffer = buffer;
    this.address = address;
    this.offset = offset;
    this.rows = rows;
    this.columns = columns;
    this.stride = stride;
  }

  /**
   * Rows in an array.
   *
   * @param offset of element (0, 0)
   * @throws IllegalArgumentException if the array is shorter, or the shape impossible
   */
  public static HostRows of(float[] values, int offset, int rows, int columns, int stride) {
    HostRows result = new HostRows(values, null, 0, offset, rows, columns, stride);
    result.checkEnd(values.length);
    return result;
  }

  /**
   * A whole array of compact rows.
   *
   * @throws IllegalArgumentException if it has another length
   */
  public static HostRows of(float[] values, int rows, int columns) {
    Check.that(
        values.length == (long) rows * columns,
        "%d values for a matrix [%d][%d]; give rows * columns of them, or an offset and a stride",
        values.length,
        rows,
        columns);
    return of(values, 0, rows, columns, columns);
  }

  /**
   * Rows in a buffer from its position on, as it is now; position and limit are left alone.
   *
   * @throws IllegalArgumentException if the buffer ends before, or the shape is impossible
   */
  public static HostRows of(FloatBuffer values, int rows, int columns, int stride) {
    int first = values.position();
    HostRows result = new HostRows(null, values.duplicate(), 0, first, rows, columns, stride);
    result.checkEnd(values.limit());
    return result;
  }

  /**
   * Rows in native memory, whose bounds nobody checks.
   *
   * @param address of element (0, 0), a multiple of 4
   * @throws IllegalArgumentException if it is 0 or misaligned, or the shape impossible
   */
  public static HostRows at(long address, int rows, int columns, int stride) {
    Check.that(
        address != 0 && address % 4 == 0,
        "address 0x%x of the host is null or no multiple of 4",
        address);
    return new HostRows(null, null, address, 0, rows, columns, stride);
  }

  public int rows() {
    return rows;
  }

  public int columns() {
    return columns;
  }

  /** Whether the memory may be written. */
  boolean writable() {
    return buffer == null || !buffer.isReadOnly();
  }

  /** Copies the rows, compact, to the start of pinned memory, of which {@code floats} is a view. */
  void stage(Staging staging, FloatBuffer floats) {
    boolean compact = stride == columns;
    int count = compact ? rows * columns : columns;
    for (int i = 0; i < (compact ? 1 : rows); i++) {
      int from = offset + i * stride;
      if (array != null) {
        floats.put(i * columns, array, from, count);
      } else if (buffer != null) {
        floats.put(i * columns, buffer, from, count);
      } else {
        staging.put((long) i * columns, address + 4L * i * stride, count);
      }
    }
  }

  /** The way back of {@link #stage}. */
  void unstage(Staging staging, FloatBuffer floats) {
    boolean compact = stride == columns;
    int count = compact ? rows * columns : columns;
    for (int i = 0; i < (compact ? 1 : rows); i++) {
      int to = offset + i * stride;
      if (array != null) {
        floats.get(i * columns, array, to, count);
      } else if (buffer != null) {
        buffer.put(to, floats, i * columns, count);
      } else {
        staging.get((long) i * columns, address + 4L * i * stride, count);
      }
    }
  }

  private void checkEnd(int length) {
    long end = offset + (rows - 1L) * stride + columns;
    Check.that(
        end <= length,
        "matrix [%d][%d] with stride %d from float %d on ends at float %d of %d; give a longer array, or fewer rows",
        rows,
        columns,
        stride,
        offset,
        end,
        length);
    Check.count((long) rows * stride, "floats of a matrix on the host");
  }

  @Override
  public String toString() {
    return "[" + rows + "][" + columns + "] with stride " + stride;
  }
}
