package dev.krongauss.device;

import jcuda.Pointer;

/**
 * A row-major matrix of doubles in device memory; a view, which owns nothing.
 *
 * @param pointer device address
 * @param stride doubles from row to row
 */
public record Doubles(long pointer, int rows, int columns, int stride) {
  /** Checks that it can be. */
  public Doubles {
    Check.that(
        pointer != 0 && pointer % 8 == 0 && rows >= 1 && columns >= 1 && stride >= columns,
        "doubles [%d][%d] with stride %d at 0x%x are impossible; rows and columns must be at least 1,"
            + " the stride at least the columns, and the address a multiple of 8",
        rows,
        columns,
        stride,
        pointer);
  }

  /** Compact rows. */
  public static Doubles of(long pointer, int rows, int columns) {
    return new Doubles(pointer, rows, columns, columns);
  }

  /** The view of the first {@code count} columns. */
  public Doubles columns(int count) {
    return new Doubles(pointer, rows, count, stride);
  }

  /** The inner index of a product, whose shapes are checked. */
  static int inner(boolean transposeA, Doubles A, boolean transposeB, Doubles B, Doubles C) {
    int inner = transposeA ? A.rows() : A.columns();
    Check.that(
        inner == (transposeB ? B.columns() : B.rows())
            && C.rows() == (transposeA ? A.columns() : A.rows())
            && C.columns() == (transposeB ? B.rows() : B.columns()),
        "%s times %s (transposed: %s, %s) is no %s",
        A,
        B,
        transposeA,
        transposeB,
        C);
    return inner;
  }

  /** For a library's call. */
  Pointer place() {
    return new DevicePointer(pointer);
  }
}
