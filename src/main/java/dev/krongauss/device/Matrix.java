package dev.krongauss.device;

import jcuda.driver.CUdeviceptr;

/**
 * A view of a row-major FP32 matrix in device memory; it never owns the memory.
 *
 * <p>Element (i, j) lies at {@code pointer + 4 * (i * stride + j)}. Matrices made by an {@link
 * Arena} have a stride rounded up to 32 floats and zeros in the padding, which every kernel leaves
 * alone, so that 16-byte loads are legal. Foreign memory ({@link #wrap}) may have any stride of at
 * least {@code columns}.
 *
 * <p>Of a symmetric matrix consumers read the lower triangle only (row ≥ column).
 */
public final class Matrix {
  private final long pointer;
  private final int rows;
  private final int columns;
  private final int stride;

  private Matrix(long pointer, int rows, int columns, int stride) {
    this.pointer = pointer;
    this.rows = rows;
    this.columns = columns;
    this.stride = stride;
  }

  /**
   * Wraps device memory owned by the caller, who keeps it alive while the view is used.
   *
   * @param pointer device address of element (0, 0), a multiple of 4
   * @param stride floats from one row to the next, at least {@code columns}
   * @throws IllegalArgumentException for a null or misaligned pointer or an impossible shape
   */
  public static Matrix wrap(long pointer, int rows, int columns, int stride) {
    Check.that(
        pointer != 0 && pointer % 4 == 0,
        "device pointer 0x%x is null or not a multiple of 4",
        pointer);
    Check.that(
        rows >= 1 && columns >= 1 && stride >= columns,
        "matrix [%d][%d] with stride %d is impossible; rows and columns must be at least 1 and the stride"
            + " at least the number of columns",
        rows,
        columns,
        stride);
    return new Matrix(pointer, rows, columns, stride);
  }

  /**
   * Wraps device memory that the caller allocated through JCuda.
   *
   * @throws IllegalArgumentException as {@link #wrap(long, int, int, int)}
   */
  public static Matrix wrap(CUdeviceptr pointer, int rows, int columns, int stride) {
    return wrap(new DevicePointer(pointer).address(), rows, columns, stride);
  }

  /** Stride of an arena's matrix: {@code columns} rounded up to 32 floats. */
  public static int paddedStride(int columns) {
    return Check.count((columns + 31L) / 32 * 32, "floats from row to row of a matrix");
  }

  public long pointer() {
    return pointer;
  }

  public int rows() {
    return rows;
  }

  public int columns() {
    return columns;
  }

  /** Floats from one row to the next. */
  public int stride() {
    return stride;
  }

  /** The view of the first {@code count} columns. */
  public Matrix columns(int count) {
    Check.that(count >= 1 && count <= columns, "%d columns of a matrix with %d", count, columns);
    return new Matrix(pointer, rows, count, stride);
  }

  /** The view of {@code count} rows starting at row {@code first}. */
  public Matrix rows(int first, int count) {
    Check.that(
        first >= 0 && count >= 1 && count <= rows - first,
        "rows %d..%d of a matrix with %d rows",
        first,
        (long) first + count - 1,
        rows);
    return new Matrix(pointer + 4L * first * stride, count, columns, stride);
  }

  /**
   * Copies compact rows from the host and waits until they are there. Padding is untouched.
   *
   * @param values {@code [rows][columns]}, compact
   */
  public void upload(float[] values, Stream stream) {
    Check.that(
        values.length == (long) rows * columns,
        "%d values for a matrix [%d][%d]; give rows * columns values",
        values.length,
        rows,
        columns);
    Device device = stream.device();
    device
        .transfers()
        .upload(
            (to, first, count) -> to.asFloatBuffer().put(values, first, count),
            this,
            stream,
            "upload of " + this);
    device.counters().uploaded(4L * values.length);
  }

  /**
   * Copies the matrix to the host as compact {@code [rows][columns]}, waiting for it.
   *
   * @throws IllegalArgumentException for 2³¹ floats or more: take {@link #rows(int, int)}
   */
  public float[] download(Stream stream) {
    float[] values =
        new float
            [Check.count((long) rows * columns, "floats of " + this + " at once; take some rows")];
    Device device = stream.device();
    device
        .transfers()
        .download(
            this,
            (from, first, count) -> from.asFloatBuffer().get(values, first, count),
            stream,
            "download of " + this);
    device.counters().downloaded(4L * values.length);
    return values;
  }

  @Override
  public String toString() {
    return String.format("Matrix[%d][%d] stride %d at 0x%x", rows, columns, stride, pointer);
  }
}
