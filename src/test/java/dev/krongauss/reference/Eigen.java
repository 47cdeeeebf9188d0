package dev.krongauss.reference;

import java.util.Arrays;

/** Eigenvalues of small symmetric matrices by Jacobi's rotations. */
public final class Eigen {
  private Eigen() {}

  /** All eigenvalues, the largest first; only the lower triangle counts. */
  public static double[] values(double[][] symmetric) {
    int n = symmetric.length;
    double[][] A = new double[n][n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        A[i][j] = symmetric[Math.max(i, j)][Math.min(i, j)];
      }
    }
    double small = 1e-30 * Algebra.dot(A, A);
    for (int sweep = 0; offDiagonal(A) > small; sweep++) {
      if (sweep == 100) {
        throw new ArithmeticException("no convergence");
      }
      for (int p = 0; p < n; p++) {
        for (int q = p + 1; q < n; q++) {
          rotate(A, p, q);
        }
      }
    }
    double[] values = new double[n];
    for (int i = 0; i < n; i++) {
      values[i] = -A[i][i];
    }
    Arrays.sort(values);
    return Arrays.stream(values).map(v -> -v).toArray();
  }

  /** Eigenvalues larger than {@code tolerance} in size. */
  public static int rank(double[][] symmetric, double tolerance) {
    return (int) Arrays.stream(values(symmetric)).filter(v -> Math.abs(v) > tolerance).count();
  }

  /** Makes A_pq zero. */
  private static void rotate(double[][] A, int p, int q) {
    if (A[p][q] == 0) {
      return;
    }
    double theta = (A[q][q] - A[p][p]) / (2 * A[p][q]);
    double t = Math.copySign(1, theta) / (Math.abs(theta) + Math.hypot(theta, 1));
    double c = 1 / Math.hypot(t, 1);
    double s = t * c;
    for (int k = 0; k < A.length; k++) {
      double x = A[k][p];
      double y = A[k][q];
      A[k][p] = c * x - s * y;
      A[k][q] = s * x + c * y;
    }
    for (int k = 0; k < A.length; k++) {
      double x = A[p][k];
      double y = A[q][k];
      A[p][k] = c * x - s * y;
      A[q][k] = s * x + c * y;
    }
  }

  private static double offDiagonal(double[][] A) {
    double sum = 0;
    for (int i = 0; i < A.length; i++) {
      for (int j = 0; j < A.length; j++) {
        sum += i == j ? 0 : A[i][j] * A[i][j];
      }
    }
    return sum;
  }
}
