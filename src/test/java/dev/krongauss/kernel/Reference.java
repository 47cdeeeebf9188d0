package dev.krongauss.kernel;

/** Obvious double-precision sums that several references share. */
final class Reference {
  private Reference() {}

  /** Terms of a sum. */
  @FunctionalInterface
  interface Term {
    double at(int k);
  }

  /** A sum and the sum of its terms' magnitudes, which every error bound of a sum is made of. */
  record Sum(double value, double magnitude) {
    static Sum of(int count, Term term) {
      double value = 0;
      double magnitude = 0;
      for (int k = 0; k < count; k++) {
        double t = term.at(k);
        value += t;
        magnitude += Math.abs(t);
      }
      return new Sum(value, magnitude);
    }

    Sum plus(Sum other) {
      return new Sum(value + other.value, magnitude + other.magnitude);
    }

    Sum times(double factor) {
      return new Sum(factor * value, Math.abs(factor) * magnitude);
    }
  }

  /** A copy whose strict upper triangle is NaN: proof that nobody reads it. */
  static Host lowerOnly(Host symmetric) {
    return Host.of(
        symmetric.rows(), symmetric.columns(), (i, j) -> j > i ? Double.NaN : symmetric.at(i, j));
  }

  /** C = A B in double. */
  static double[][] product(double[][] A, double[][] B) {
    int inner = B.length;
    int columns = B[0].length;
    double[][] C = new double[A.length][columns];
    for (int i = 0; i < A.length; i++) {
      for (int k = 0; k < inner; k++) {
        double a = A[i][k];
        for (int j = 0; a != 0 && j < columns; j++) {
          C[i][j] += a * B[k][j];
        }
      }
    }
    return C;
  }

  static double[][] transpose(double[][] A) {
    double[][] T = new double[A[0].length][A.length];
    for (int i = 0; i < A.length; i++) {
      for (int j = 0; j < A[0].length; j++) {
        T[j][i] = A[i][j];
      }
    }
    return T;
  }

  static double[][] absolute(double[][] A) {
    double[][] B = new double[A.length][A[0].length];
    for (int i = 0; i < A.length; i++) {
      for (int j = 0; j < A[0].length; j++) {
        B[i][j] = Math.abs(A[i][j]);
      }
    }
    return B;
  }

  /** The inverse of a lower triangular matrix by forward substitution, column by column. */
  static double[][] invertLower(double[][] L) {
    int n = L.length;
    double[][] M = new double[n][n];
    for (int c = 0; c < n; c++) {
      for (int r = c; r < n; r++) {
        double sum = r == c ? 1 : 0;
        for (int k = c; k < r; k++) {
          sum -= L[r][k] * M[k][c];
        }
        M[r][c] = sum / L[r][r];
      }
    }
    return M;
  }
}
