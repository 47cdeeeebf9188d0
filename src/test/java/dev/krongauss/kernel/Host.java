package dev.krongauss.kernel;

import java.util.Arrays;

/**
 * A small dense matrix in host memory, row-major without padding: the inputs and outputs of a case.
 */
public final class Host {
  private final int rows;
  private final int columns;
  private final float[] values;

  /** A matrix over the given compact rows (not copied). */
  public Host(int rows, int columns, float[] values) {
    if (values.length != (long) rows * columns) {
      throw new IllegalArgumentException(values.length + " values for " + rows + "x" + columns);
    }
    this.rows = rows;
    this.columns = columns;
    this.values = values;
  }

  /** A matrix computed element by element. */
  public static Host of(int rows, int columns, Element element) {
    float[] values = new float[Math.multiplyExact(rows, columns)];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        values[i * columns + j] = (float) element.at(i, j);
      }
    }
    return new Host(rows, columns, values);
  }

  /** One row. */
  public static Host row(float... values) {
    return new Host(1, values.length, values.clone());
  }

  /** The same value everywhere. */
  public static Host filled(int rows, int columns, float value) {
    float[] values = new float[Math.multiplyExact(rows, columns)];
    Arrays.fill(values, value);
    return new Host(rows, columns, values);
  }

  public int rows() {
    return rows;
  }

  public int columns() {
    return columns;
  }

  /** The element as a double, ready for a reference. */
  public double at(int row, int column) {
    return values[row * columns + column];
  }

  public float get(int row, int column) {
    return values[row * columns + column];
  }

  public void set(int row, int column, float value) {
    values[row * columns + column] = value;
  }

  /** The values, compact rows; not a copy. */
  public float[] values() {
    return values;
  }

  /** A copy. */
  public Host copy() {
    return new Host(rows, columns, values.clone());
  }

  /** A number for every index. */
  @FunctionalInterface
  public interface Element {
    double at(int row, int column);
  }
}
