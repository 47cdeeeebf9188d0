package dev.krongauss.kernel;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Matrix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Matrices, dampings and results of one {@link Cholesky.Plan}, and what must hold of them.
 *
 * <p>With A = fl(S + damping I), each of
 *
 * <ul>
 *   <li>|A − L Lᵀ| ≤ (n + 8) ε |L||L|ᵀ: Higham, "Accuracy and Stability", theorem 10.3, and at most
 *       7 roundings more a term, as we multiply by quotients and reciprocals
 *   <li>|M L − I| ≤ (n + 3) ε |M||L|: theorem 8.5 for each row of M, which a substitution solves
 *       for; a product with the reciprocal is two roundings where the theorem has one
 *   <li>|X − MᵀM| ≤ n ε |M|ᵀ|M|: a sum of n products
 * </ul>
 *
 * holds at every condition number. From M L = I + F follows A X − I = L F L⁻¹ + L Fᵀ M + the other
 * two residuals times X and A, so that ‖A X − I‖ ≤ 4 (n + 8) ε tr A tr X at worst.
 */
final class CholeskyProblem implements AutoCloseable {
  private static final int UNSET = -7;

  private final Trial trial;
  private final List<Host> S;
  private final List<Matrix> inputs = new ArrayList<>();
  private final List<List<Matrix>> X = new ArrayList<>();
  private final float[][] dampings;
  private final Matrix damping;
  private final Buffer info;
  private final Matrix condition;
  private final Arena arena;
  private final Cholesky.Plan plan;

  /**
   * Places everything on the trial's device.
   *
   * @param S lower triangles
   * @param dampings [candidates][matrices]
   */
  CholeskyProblem(Trial trial, List<Host> S, float[]... dampings) {
    this.trial = trial;
    this.S = new ArrayList<>(S);
    this.dampings = dampings;
    S.forEach(s -> inputs.add(trial.inOut(s)));
    int count = dampings.length * S.size();
    float[] flat = new float[count];
    for (int c = 0; c < dampings.length; c++) {
      List<Matrix> results = new ArrayList<>();
      S.forEach(s -> results.add(trial.output(s.rows(), s.rows())));
      X.add(results);
      System.arraycopy(dampings[c], 0, flat, c * S.size(), S.size());
    }
    damping = trial.input(Host.row(flat));
    int[] unset = new int[count];
    Arrays.fill(unset, UNSET);
    info = trial.ints(unset);
    condition = trial.output(1, count);
    arena = trial.device().newArena("Cholesky problem");
    plan = new Cholesky(trial.device()).plan(arena, inputs, X);
  }

  Cholesky.Plan plan() {
    return plan;
  }

  /** Launches once, alone, and waits. */
  void launch() {
    trial.launch(
        s -> plan.factoriseAndInvert(s, damping.pointer(), info.pointer(), condition.pointer()));
  }

  /** Launches a retry, alone, and waits. */
  void retry(Buffer before, int launches) {
    trial.launch(s -> plan.retry(s, damping.pointer(), info.pointer(), before.pointer(), launches));
  }

  /** Other values for a matrix, for the next launch. */
  void replace(int m, Host values) {
    S.set(m, values);
    inputs.get(m).upload(values.values(), trial.device().stream());
  }

  int info(int c, int m) {
    return info.downloadInts((c + 1) * S.size(), trial.device().stream())[c * S.size() + m];
  }

  float condition(int c, int m) {
    return trial.download(condition).get(0, c * S.size() + m);
  }

  Host result(int c, int m) {
    return trial.download(X.get(c).get(m));
  }

  /** Checks info, the factor, both halves of the inverse and the estimated condition. */
  void checkGood(int c, int m) {
    checkSolved(c, m);
    int n = S.get(m).rows();
    double estimate = norm(damped(c, m)) * norm(rows(n, result(c, m).values()));
    trial.check( // two sums of n^2 squares, each halved by the root, and a handful of roundings
        "condition of " + name(c, m),
        Host.row(condition(c, m)),
        (i, j) -> Wanted.within(estimate, (double) n * n + 16, estimate));
  }

  /** The same without the condition. */
  void checkSolved(int c, int m) {
    checkInfo(c, m, 0);
    int n = S.get(m).rows();
    String name = name(c, m);
    double[][] A = damped(c, m);
    double[][] L = rows(n, plan.downloadL(c, m, trial.device().stream()));
    double[][] M = rows(n, plan.downloadInverse(c, m, trial.device().stream()));
    double[][] l = Reference.absolute(L);
    double[][] k = Reference.absolute(M);
    checkWithin(
        "L Lᵀ of " + name,
        A,
        Reference.product(L, Reference.transpose(L)),
        n + 8,
        Reference.product(l, Reference.transpose(l)));
    checkWithin(
        "M L of " + name, identity(n), Reference.product(M, L), n + 3, Reference.product(k, l));
    Host got = result(c, m);
    double[][] wanted = Reference.product(Reference.transpose(M), M);
    double[][] magnitude = Reference.product(Reference.transpose(k), k);
    trial.check("X of " + name, got, (i, j) -> Wanted.within(wanted[i][j], n, magnitude[i][j]));
    trial.check("mirror image in X of " + name, got, (i, j) -> Wanted.exactly(got.get(j, i)));
  }

  /** Checks that a launch has left no trace. */
  void checkUntouched(int c, int m) {
    checkInfo(c, m, UNSET);
    trial.check("X of " + name(c, m), result(c, m), (i, j) -> Wanted.exactly(Double.NaN));
  }

  /** Checks that this matrix failed at a column, 1-based, and says so everywhere. */
  void checkFailed(int c, int m, int column) {
    checkInfo(c, m, column);
    trial.check("X of " + name(c, m), result(c, m), (i, j) -> Wanted.exactly(Double.NaN));
    trial.check(
        "condition of " + name(c, m),
        Host.row(condition(c, m)),
        (i, j) -> Wanted.exactly(Double.NaN));
  }

  /** ‖A X − I‖ in the Frobenius norm. */
  double inverseResidual(int c, int m) {
    int n = S.get(m).rows();
    double[][] residual = Reference.product(damped(c, m), rows(n, result(c, m).values()));
    for (int i = 0; i < n; i++) {
      residual[i][i] -= 1;
    }
    return norm(residual);
  }

  @Override
  public void close() {
    arena.close();
  }

  static double norm(double[][] A) {
    return Math.sqrt(Arrays.stream(A).flatMapToDouble(Arrays::stream).map(x -> x * x).sum());
  }

  /** A random orthogonal similarity of diag(values): symmetric with these eigenvalues. */
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

  private void checkInfo(int c, int m, int wanted) {
    trial.check("info of " + name(c, m), Host.row(info(c, m)), (i, j) -> Wanted.exactly(wanted));
  }

  private void checkWithin(
      String what, double[][] wanted, double[][] got, double factor, double[][] magnitude) {
    int n = wanted.length;
    trial.check(
        what,
        Host.of(n, n, (i, j) -> got[i][j] - wanted[i][j]),
        (i, j) -> Wanted.within(0, factor, magnitude[i][j]));
  }

  private String name(int c, int m) {
    return "matrix " + m + " of " + S.get(m).rows() + ", candidate " + c;
  }

  /** The whole of fl(S + damping I). */
  private double[][] damped(int c, int m) {
    Host s = S.get(m);
    double[][] A = new double[s.rows()][s.rows()];
    for (int i = 0; i < A.length; i++) {
      for (int j = 0; j < A.length; j++) {
        A[i][j] = i == j ? s.get(i, i) + dampings[c][m] : s.at(Math.max(i, j), Math.min(i, j));
      }
    }
    return A;
  }

  private static double[][] identity(int n) {
    double[][] I = new double[n][n];
    for (int i = 0; i < n; i++) {
      I[i][i] = 1;
    }
    return I;
  }

  private static double[][] rows(int n, float[] values) {
    double[][] A = new double[n][n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        A[i][j] = values[i * n + j];
      }
    }
    return A;
  }
}
