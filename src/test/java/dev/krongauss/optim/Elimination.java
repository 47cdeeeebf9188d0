package dev.krongauss.optim;

/** Small dense systems in double. */
final class Elimination {
  private Elimination() {}

  /** Gauss without pivots, for a positive definite A; x becomes A⁻¹ x. */
  static void solve(double[][] A, double[] x) {
    int P = x.length;
    for (int j = 0; j < P; j++) {
      for (int i = j + 1; i < P; i++) {
        double factor = A[i][j] / A[j][j];
        if (factor != 0) {
          for (int k = j; k < P; k++) {
            A[i][k] -= factor * A[j][k];
          }
          x[i] -= factor * x[j];
        }
      }
    }
    for (int j = P - 1; j >= 0; j--) {
      for (int k = j + 1; k < P; k++) {
        x[j] -= A[j][k] * x[k];
      }
      x[j] /= A[j][j];
    }
  }
}
