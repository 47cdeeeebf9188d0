package dev.krongauss.reference;

/** Matrices as {@code double[rows][columns]}; every product is its definition. */
public final class Algebra {
  private Algebra() {}

  public static double[][] zeros(int rows, int columns) {
    return new double[rows][columns];
  }

  public static double[][] identity(int n) {
    double[][] I = zeros(n, n);
    for (int i = 0; i < n; i++) {
      I[i][i] = 1;
    }
    return I;
  }

  /** Compact rows of floats as a matrix of doubles. */
  public static double[][] matrix(float[] values, int rows, int columns) {
    double[][] A = zeros(rows, columns);
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        A[i][j] = values[i * columns + j];
      }
    }
    return A;
  }

  public static double[][] multiply(double[][] A, double[][] B) {
    double[][] C = zeros(A.length, B[0].length);
    for (int i = 0; i < A.length; i++) {
      for (int k = 0; k < B.length; k++) {
        for (int j = 0; j < B[0].length; j++) {
          C[i][j] += A[i][k] * B[k][j];
        }
      }
    }
    return C;
  }

  public static double[] multiply(double[][] A, double[] x) {
    double[] y = new double[A.length];
    for (int i = 0; i < A.length; i++) {
      for (int j = 0; j < x.length; j++) {
        y[i] += A[i][j] * x[j];
      }
    }
    return y;
  }

  public static double[][] transpose(double[][] A) {
    double[][] T = zeros(A[0].length, A.length);
    for (int i = 0; i < A.length; i++) {
      for (int j = 0; j < A[0].length; j++) {
        T[j][i] = A[i][j];
      }
    }
    return T;
  }

  public static double[][] outer(double[] x, double[] y) {
    double[][] A = zeros(x.length, y.length);
    for (int i = 0; i < x.length; i++) {
      for (int j = 0; j < y.length; j++) {
        A[i][j] = x[i] * y[j];
      }
    }
    return A;
  }

  /** A ⊗ B: element (i·rows(B) + k, j·columns(B) + l) is A_ij B_kl. */
  public static double[][] kronecker(double[][] A, double[][] B) {
    double[][] K = zeros(A.length * B.length, A[0].length * B[0].length);
    for (int i = 0; i < K.length; i++) {
      for (int j = 0; j < K[0].length; j++) {
        K[i][j] = A[i / B.length][j / B[0].length] * B[i % B.length][j % B[0].length];
      }
    }
    return K;
  }

  /** a A + b B. */
  public static double[][] combine(double a, double[][] A, double b, double[][] B) {
    double[][] C = zeros(A.length, A[0].length);
    for (int i = 0; i < A.length; i++) {
      for (int j = 0; j < A[0].length; j++) {
        C[i][j] = a * A[i][j] + b * B[i][j];
      }
    }
    return C;
  }

  public static double[][] scale(double a, double[][] A) {
    return combine(a, A, 0, A);
  }

  /** Element-wise absolute values. */
  public static double[][] absolute(double[][] A) {
    double[][] B = new double[A.length][];
    for (int i = 0; i < A.length; i++) {
      B[i] = java.util.Arrays.stream(A[i]).map(Math::abs).toArray();
    }
    return B;
  }

  /** Element-wise product. */
  public static double[][] hadamard(double[][] A, double[][] B) {
    double[][] C = zeros(A.length, A[0].length);
    for (int i = 0; i < A.length; i++) {
      for (int j = 0; j < A[0].length; j++) {
        C[i][j] = A[i][j] * B[i][j];
      }
    }
    return C;
  }

  /** The matrix without its last column: weights without the bias. */
  public static double[][] withoutLastColumn(double[][] A) {
    double[][] B = new double[A.length][];
    for (int i = 0; i < A.length; i++) {
      B[i] = java.util.Arrays.copyOf(A[i], A[i].length - 1);
    }
    return B;
  }

  public static double trace(double[][] A) {
    double sum = 0;
    for (int i = 0; i < A.length; i++) {
      sum += A[i][i];
    }
    return sum;
  }

  /** Σ_ij A_ij B_ij. */
  public static double dot(double[][] A, double[][] B) {
    double sum = 0;
    for (int i = 0; i < A.length; i++) {
      for (int j = 0; j < A[0].length; j++) {
        sum += A[i][j] * B[i][j];
      }
    }
    return sum;
  }

  /** Largest absolute value; NaN if there is a NaN. */
  public static double largest(double[][] A) {
    double most = 0;
    for (double[] row : A) {
      for (double value : row) {
        most = Math.max(most, Math.abs(value));
      }
    }
    return most;
  }

  /** Inverse by Gauss-Jordan elimination with pivoting. */
  public static double[][] inverse(double[][] matrix) {
    int n = matrix.length;
    double[][] A = scale(1, matrix);
    double[][] X = identity(n);
    for (int c = 0; c < n; c++) {
      int pivot = c;
      for (int i = c + 1; i < n; i++) {
        if (Math.abs(A[i][c]) > Math.abs(A[pivot][c])) {
          pivot = i;
        }
      }
      if (A[pivot][c] == 0) {
        throw new ArithmeticException("singular at column " + c);
      }
      swap(A, c, pivot);
      swap(X, c, pivot);
      double p = A[c][c];
      for (int j = 0; j < n; j++) {
        A[c][j] /= p;
        X[c][j] /= p;
      }
      for (int i = 0; i < n; i++) {
        double factor = A[i][c];
        for (int j = 0; i != c && j < n; j++) {
          A[i][j] -= factor * A[c][j];
          X[i][j] -= factor * X[c][j];
        }
      }
    }
    return X;
  }

  /** κ in the row-sum norm. */
  public static double condition(double[][] A) {
    return rowSumNorm(A) * rowSumNorm(inverse(A));
  }

  public static double rowSumNorm(double[][] A) {
    double most = 0;
    for (double[] row : A) {
      double sum = 0;
      for (double value : row) {
        sum += Math.abs(value);
      }
      most = Math.max(most, sum);
    }
    return most;
  }

  private static void swap(double[][] A, int i, int j) {
    double[] row = A[i];
    A[i] = A[j];
    A[j] = row;
  }
}
