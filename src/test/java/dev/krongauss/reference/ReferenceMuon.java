package dev.krongauss.reference;

/**
 * Muon's recursion of one matrix by its definition, and how far single precision may be from it.
 */
public final class ReferenceMuon {
  private static final double EPSILON = 0x1p-24;

  private final double mu;
  private final boolean nesterov;
  private final int steps;
  private final double a;
  private final double b;
  private final double c;
  private double[][] M;

  /** Iterations σ ← a σ + b σ³ + c σ⁵. */
  public ReferenceMuon(double mu, boolean nesterov, int steps, double a, double b, double c) {
    this.mu = mu;
    this.nesterov = nesterov;
    this.steps = steps;
    this.a = a;
    this.b = b;
    this.c = c;
  }

  /**
   * A result and its error.
   *
   * @param X orthogonalised
   * @param error bound of ‖computed − X‖_F
   */
  public record Result(double[][] X, double error) {}

  /** M takes g; the direction, orthogonalised. */
  public Result direction(double[][] g) {
    M = M == null ? Algebra.scale(1 - mu, g) : Algebra.combine(mu, M, 1 - mu, g);
    double[][] V = nesterov ? Algebra.combine(mu, M, 1 - mu, g) : M;
    // M and V are averages of gradients, each sum rounded thrice; that of before decays.
    double rounded = 3 / (1 - mu) * EPSILON * (norm(M) + norm(g));
    double length = norm(V);
    int tiles = (1 + g.length / 32) * (1 + g[0].length / 32);
    return orthogonalized(
        Algebra.scale(1 / length, V), rounded / length + (18 + tiles / 512.0) * EPSILON);
  }

  /**
   * The iterations from X.
   *
   * @param error bound of X's own in the Frobenius norm
   */
  public Result orthogonalized(double[][] X, double error) {
    for (int k = 0; k < steps; k++) {
      double sigma = Math.sqrt(Math.max(0, Eigen.values(square(X))[0])) + error;
      error = slope(sigma) * error + rounding(X, sigma);
      double[][] A = Algebra.multiply(X, Algebra.transpose(X));
      double[][] P = Algebra.combine(b, A, c, Algebra.multiply(A, A));
      X = Algebra.combine(a, X, 1, Algebra.multiply(P, X));
    }
    return new Result(X, error);
  }

  /** X Xᵀ or XᵀX, whichever is smaller. */
  public static double[][] square(double[][] X) {
    double[][] T = Algebra.transpose(X);
    return X.length <= T.length ? Algebra.multiply(X, T) : Algebra.multiply(T, X);
  }

  /**
   * The largest |f'| on [0, σ]: an odd function of the singular values changes by no more than that
   * times the change of its matrix, in the Frobenius norm, since all its divided differences, (f(σ)
   * + f(τ)) / (σ + τ) among them, are slopes.
   */
  private double slope(double sigma) {
    double s = sigma * sigma;
    double most = Math.max(Math.abs(a), Math.abs(derivative(s)));
    double vertex = -3 * b / (10 * c);
    return 0 < vertex && vertex < s ? Math.max(most, Math.abs(derivative(vertex))) : most;
  }

  private double derivative(double s) {
    return a + 3 * b * s + 5 * c * s * s;
  }

  /** Of one iteration: each product's n or r roundings (30 more on tensor cores), norm by norm. */
  private double rounding(double[][] X, double sigma) {
    int n = Math.min(X.length, X[0].length);
    int r = Math.max(X.length, X[0].length);
    double x = norm(X) + sigma;
    double A = sigma * x;
    double ofA = (r + 30) * EPSILON * x * x;
    double ofB = 2 * sigma * sigma * ofA + ofA * ofA + (n + 30) * EPSILON * A * A;
    double P = Math.abs(a) * Math.sqrt(n) + Math.abs(b) * A + Math.abs(c) * sigma * sigma * A;
    double ofP = Math.abs(b) * ofA + Math.abs(c) * ofB + 3 * EPSILON * P;
    return sigma * ofP + (n + 30) * EPSILON * x * P;
  }

  /** Frobenius norm. */
  public static double norm(double[][] A) {
    return Math.sqrt(Algebra.dot(A, A));
  }
}
