package dev.krongauss.kernel;

import java.util.Arrays;

/** Matrices of given eigenvalues, and what these let expect. */
final class Spectrum {
  private Spectrum() {}

  /**
   * A random orthogonal similarity of diag(values): symmetric with these eigenvalues, but for the
   * rounding to float.
   */
  static Host withEigenvalues(Trial t, double... values) {
    int n = values.length;
    double[][] A = new double[n][n];
    for (int i = 0; i < n; i++) {
      A[i][i] = values[i];
    }
    for (int turn = 0; turn < 3; turn++) {
      reflect(A, t.random().doubles(n, -1, 1).toArray());
    }
    return Host.of(n, n, (i, j) -> j > i ? Double.NaN : A[i][j]);
  }

  /** A = H A H with H = I − 2 v vᵀ / vᵀv. */
  private static void reflect(double[][] A, double[] v) {
    int n = v.length;
    double length = Arrays.stream(v).map(x -> x * x).sum();
    double[] w = new double[n];
    double crossed = 0;
    for (int i = 0; i < n; i++) {
      for (int k = 0; k < n; k++) {
        w[i] += 2 * A[i][k] * v[k] / length;
      }
      crossed += w[i] * v[i];
    }
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        A[i][j] += 2 * crossed / length * v[i] * v[j] - w[i] * v[j] - v[i] * w[j];
      }
    }
  }

  /**
   * The least estimate for a matrix that its condition number does not keep from failing. L is the
   * exact factor of A + E with ‖E‖ ≤ (n + 9) ε tr A, the rounding of A to float included; so the
   * smallest eigenvalue of what was inverted is at most A's plus that, and half of the estimate is
   * left to the roundings of X.
   */
  static double leastEstimate(double... values) {
    double largest = Arrays.stream(values).max().orElseThrow();
    double smallest = Arrays.stream(values).min().orElseThrow();
    double E = (values.length + 9) * Wanted.EPSILON * Arrays.stream(values).sum();
    return largest / (smallest + E) / 2;
  }
}
