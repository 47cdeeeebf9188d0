package dev.krongauss.diagnose;

import dev.krongauss.device.Check;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;

/**
 * A matrix on the host.
 *
 * @param rows at least 1
 * @param columns at least 1
 * @param values {@code [rows][columns]}, row-major and compact; not copied, and only read
 */
public record Values(int rows, int columns, float[] values) {
  /**
   * Checks the shape.
   *
   * @throws IllegalArgumentException if a size is not positive, or their product not the number of
   *     values
   */
  public Values {
    Check.that(values != null, "the values of a matrix [%d][%d] are null", rows, columns);
    Check.that(
        rows >= 1 && columns >= 1 && (long) rows * columns == values.length,
        "%,d values are no matrix [%d][%d]; give rows * columns values, row by row",
        values.length,
        rows,
        columns);
  }

  /**
   * A copy of what is on the device; waits for the stream.
   *
   * @throws IllegalArgumentException for 2³¹ floats or more
   */
  public static Values of(Matrix matrix, Stream s) {
    return new Values(matrix.rows(), matrix.columns(), matrix.download(s));
  }

  Values transposed() {
    float[] turned = new float[values.length];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        turned[j * rows + i] = values[i * columns + j];
      }
    }
    return new Values(columns, rows, turned);
  }

  /** Some neighbouring columns; at least one. */
  Values columns(int first, int count) {
    if (first == 0 && count == columns) {
      return this;
    }
    float[] some = new float[rows * count];
    for (int i = 0; i < rows; i++) {
      System.arraycopy(values, i * columns + first, some, i * count, count);
    }
    return new Values(rows, count, some);
  }

  /** Row {@code order[i]} of this one as row i. */
  Values rows(int[] order) {
    float[] some = new float[order.length * columns];
    for (int i = 0; i < order.length; i++) {
      System.arraycopy(values, order[i] * columns, some, i * columns, columns);
    }
    return new Values(order.length, columns, some);
  }

  float at(int row, int column) {
    return values[row * columns + column];
  }

  /** Whether all of a column is exactly 1. */
  boolean isOnes(int column) {
    for (int i = 0; i < rows; i++) {
      if (at(i, column) != 1) {
        return false;
      }
    }
    return true;
  }

  /** Whether another matrix of this shape differs by more than a thousandth of this one's norm. */
  boolean isOtherThan(Values that) {
    double difference = 0;
    double size = 0;
    for (int i = 0; i < values.length; i++) {
      double by = (double) values[i] - that.values[i];
      difference += by * by;
      size += (double) values[i] * values[i];
    }
    return difference > 1e-6 * size;
  }

  /** Index of the first value that is not finite, or −1. */
  int notFinite() {
    for (int i = 0; i < values.length; i++) {
      if (!Float.isFinite(values[i])) {
        return i;
      }
    }
    return -1;
  }

  String shape() {
    return "[" + rows + "][" + columns + "]";
  }
}
