package dev.krongauss.diagnose;

import java.util.Arrays;

/**
 * Σ_r δ_r a_rᵀ in double, and how far a sum in the trainer's arithmetic may be from it.
 *
 * @param value {@code [rows][columns]}
 * @param margin what a likely rounding error does not exceed, {@code [rows][columns]}
 * @param worst what the margin is multiplied with for a sum in the worst order
 */
record Product(int rows, int columns, double[] value, double[] margin, double worst) {
  /**
   * The product of a layer's weights.
   *
   * @param D {@code [R][rows]}
   * @param A {@code [R][columns]}
   * @param scale by which the trainer may have multiplied δ first, for what it loses near zero
   */
  static Product of(Values D, Values A, Rounding rounding, double scale) {
    int R = D.rows();
    int rows = D.columns();
    int columns = A.columns();
    double[] value = new double[rows * columns];
    double[] size = new double[rows * columns];
    double[] ofD = new double[rows];
    double[] ofA = new double[columns];
    double[] a = new double[columns];
    for (int r = 0; r < R; r++) {
      for (int j = 0; j < columns; j++) {
        a[j] = A.values()[r * columns + j];
        ofA[j] += Math.abs(a[j]);
      }
      for (int i = 0; i < rows; i++) {
        double d = D.values()[r * rows + i];
        ofD[i] += Math.abs(d);
        if (d != 0) {
          add(d, a, value, size, i * columns);
        }
      }
    }
    double likely = rounding.likely(R);
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        double flushed = rounding.tiny() * ((ofA[j] + R) / scale + ofD[i]);
        size[i * columns + j] = likely * size[i * columns + j] + flushed;
      }
    }
    return new Product(rows, columns, value, size, rounding.worst(R) / likely);
  }

  /** The product of a layer's bias: Σ_r δ_r, {@code [rows][1]}. */
  static Product ofOnes(Values D, Rounding rounding, double scale) {
    float[] ones = new float[D.rows()];
    Arrays.fill(ones, 1);
    return of(D, new Values(D.rows(), 1, ones), rounding, scale);
  }

  /** The same with wider margins, for operands that two programs round in their own ways. */
  Product loosened(double times) {
    double[] wider = margin.clone();
    for (int i = 0; i < wider.length; i++) {
      wider[i] *= times;
    }
    return new Product(rows, columns, value, wider, worst);
  }

  Product transposed() {
    return new Product(
        columns, rows, turned(value, rows, columns), turned(margin, rows, columns), worst);
  }

  /** Column {@code order[j]} of this one as column j. */
  Product withColumns(int[] order) {
    double[] values = new double[value.length];
    double[] margins = new double[value.length];
    for (int i = 0; i < value.length; i++) {
      int from = i / columns * columns + order[i % columns];
      values[i] = value[from];
      margins[i] = margin[from];
    }
    return new Product(rows, columns, values, margins, worst);
  }

  private static double[] turned(double[] of, int rows, int columns) {
    double[] result = new double[of.length];
    for (int i = 0; i < of.length; i++) {
      result[i % columns * rows + i / columns] = of[i];
    }
    return result;
  }

  private static void add(double d, double[] a, double[] value, double[] size, int at) {
    double absolute = Math.abs(d);
    for (int j = 0; j < a.length; j++) {
      value[at + j] += d * a[j];
      size[at + j] += absolute * Math.abs(a[j]);
    }
  }
}
