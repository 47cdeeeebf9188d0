package dev.krongauss.device;

import java.util.List;

/**
 * Counts the bytes that an {@link Arena} would take for the same requests, without a device. Counts
 * of more than 2⁵³ bytes are rounded.
 */
public final class ArenaSize {
  /** Of matrices that are nowhere. */
  private static final long NOWHERE = 1 << 20;

  private double bytes;

  /** Of {@link Arena#floats}. */
  public void floats(double count) {
    bytes += Float.BYTES * count;
  }

  /** Of {@link Arena#ints}. */
  public void ints(double count) {
    bytes += Integer.BYTES * count;
  }

  /**
   * Of {@link Arena#matrix}.
   *
   * @return its shape; no device has memory at its address
   * @throws IllegalArgumentException if a size is not positive
   */
  public Matrix matrix(int rows, int columns) {
    Matrix shape = shape(rows, columns);
    floats((double) rows * shape.stride());
    return shape;
  }

  /** Of a matrix of each of these shapes. */
  public void like(List<Matrix> shapes) {
    shapes.forEach(shape -> matrix(shape.rows(), shape.columns()));
  }

  /**
   * A shape alone, not counted; no device has memory at its address.
   *
   * @throws IllegalArgumentException if a size is not positive
   */
  public static Matrix shape(int rows, int columns) {
    return Matrix.wrap(NOWHERE, rows, columns, Matrix.paddedStride(columns));
  }

  /** Bytes of all requests so far. */
  public long bytes() {
    return (long) bytes; // the largest long where it is more
  }
}
