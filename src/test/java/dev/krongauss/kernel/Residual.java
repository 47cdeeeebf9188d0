package dev.krongauss.kernel;

import java.util.SplittableRandom;
import java.util.function.UnaryOperator;

/** Products with vectors in double, and the norm of a residual that is given by such products. */
final class Residual {
  /** Up to this size every unit vector is tried, and the norm is exact. */
  private static final int EXACT = 400;

  private static final int VECTORS = 8;

  private Residual() {}

  /**
   * ‖R‖_F of a matrix that is known by R v alone, in O(n²) a vector: beyond {@link #EXACT} the root
   * of the mean of ‖R v‖² over random v of ±1, whose expectation is ‖R‖_F².
   */
  static double norm(int n, SplittableRandom random, UnaryOperator<double[]> R) {
    boolean exact = n <= EXACT;
    int count = exact ? n : VECTORS;
    double sum = 0;
    for (int k = 0; k < count; k++) {
      double[] v = new double[n];
      for (int i = 0; i < n; i++) {
        v[i] = exact ? (i == k ? 1 : 0) : random.nextInt(2) * 2 - 1;
      }
      for (double x : R.apply(v)) {
        sum += x * x;
      }
    }
    return Math.sqrt(exact ? sum : sum / count);
  }

  /** A v, or Aᵀ v, of a square matrix in compact rows. */
  static double[] product(float[] A, boolean transposed, double[] v) {
    int n = v.length;
    double[] y = new double[n];
    for (int i = 0; i < n; i++) {
      double sum = 0;
      for (int j = 0; j < n; j++) {
        if (transposed) {
          y[j] += A[i * n + j] * v[i];
        } else {
          sum += A[i * n + j] * v[j];
        }
      }
      if (!transposed) {
        y[i] = sum;
      }
    }
    return y;
  }

  /** A v of a symmetric matrix of which the lower triangle is there. */
  static double[] symmetric(Host A, double[] v) {
    double[] y = new double[v.length];
    for (int i = 0; i < v.length; i++) {
      y[i] += A.at(i, i) * v[i];
      for (int j = 0; j < i; j++) {
        y[i] += A.at(i, j) * v[j];
        y[j] += A.at(i, j) * v[i];
      }
    }
    return y;
  }

  /** x − y. */
  static double[] difference(double[] x, double[] y) {
    double[] z = new double[x.length];
    for (int i = 0; i < z.length; i++) {
      z[i] = x[i] - y[i];
    }
    return z;
  }

  /** ‖A‖_F of a symmetric matrix of which the lower triangle is there. */
  static double norm(Host A) {
    double sum = 0;
    for (int i = 0; i < A.rows(); i++) {
      for (int j = 0; j <= i; j++) {
        sum += (i == j ? 1 : 2) * A.at(i, j) * A.at(i, j);
      }
    }
    return Math.sqrt(sum);
  }
}
