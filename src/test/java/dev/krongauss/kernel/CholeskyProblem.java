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
 *       7 roundings more of one term, as we multiply by inverse roots of 2⁻²²·⁹ and by reciprocals
 *   <li>|M L − I| ≤ (n + 3) ε |M||L|: theorem 8.5 for each row of M, which a substitution solves
 *       for; a product with the reciprocal is two roundings where the theorem has one
 *   <li>|X − MᵀM| ≤ n ε |M|ᵀ|M|: a sum of n products
 * </ul>
 *
 * holds at every condition number; of a diagonal matrix, given as [1][n], |X − A⁻¹| ≤ 3 ε |A⁻¹|
 * alone. From M L = I + F follows A X − I = L F L⁻¹ + L Fᵀ M + the other two residuals times X and
 * A, so that ‖A X − I‖ ≤ 4 (n + 8) ε tr A tr X at worst.
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
   * @param S lower triangles, or diagonals
   * @param dampings [candidates][matrices]
   */
  CholeskyProblem(Trial trial, List<Host> S, float[]... dampings) {
    this(trial, S, dampings.length, dampings);
  }

  /** The same with dampings of rungs, which have one result. */
  static CholeskyProblem ladder(Trial trial, List<Host> S, float[]... dampings) {
    return new CholeskyProblem(trial, S, 1, dampings);
  }

  private CholeskyProblem(Trial trial, List<Host> S, int results, float[]... dampings) {
    this.trial = trial;
    this.S = new ArrayList<>(S);
    this.dampings = dampings;
    S.forEach(s -> inputs.add(trial.inOut(s)));
    int count = dampings.length * S.size();
    float[] flat = new float[count];
    for (int c = 0; c < results; c++) {
      X.add(S.stream().map(s -> trial.output(s.rows(), s.columns())).toList());
    }
    for (int c = 0; c < dampings.length; c++) {
      System.arraycopy(dampings[c], 0, flat, c * S.size(), S.size());
    }
    damping = trial.input(Host.row(flat));
    info = trial.ints(unset(count));
    condition = trial.output(1, count);
    arena = trial.device().newArena("Cholesky problem");
    plan = new Cholesky(trial.device()).plan(arena, inputs, X);
  }

  Cholesky.Plan plan() {
    return plan;
  }

  /** Launches once, alone, and waits; all S must be as they were. */
  void launch() {
    trial.launch(
        s -> plan.factoriseAndInvert(s, damping.pointer(), info.pointer(), condition.pointer()));
    for (int m = 0; m < S.size(); m++) {
      Host before = S.get(m);
      trial.check("S of matrix " + m, inputs.get(m), (i, j) -> Wanted.exactly(before.at(i, j)));
    }
  }

  /**
   * Launches the ladder from a rung on, alone, and waits.
   *
   * @param before infos of the rung before it; none where it is the first one
   */
  void climb(int first, int... before) {
    int[] infos = unset(dampings.length * S.size());
    System.arraycopy(before, 0, infos, 0, before.length);
    info.uploadInts(infos, trial.device().stream());
    trial.launch(s -> plan.climb(s, damping.pointer(), info.pointer(), first, dampings.length));
  }

  private static int[] unset(int count) {
    int[] unset = new int[count];
    Arrays.fill(unset, UNSET);
    return unset;
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
    return trial.download(X.get(candidate(c)).get(m));
  }

  private int candidate(int c) {
    return Math.min(c, X.size() - 1);
  }

  /** Checks info, the factor, both halves of the inverse and the estimated condition. */
  void checkGood(int c, int m) {
    checkSolved(c, m);
    checkCondition(c, m);
  }

  /** The same without the condition. */
  void checkSolved(int c, int m) {
    checkInfo(c, m, 0);
    int n = S.get(m).rows();
    String name = name(c, m);
    if (n < S.get(m).columns()) {
      trial.check(
          "X of diagonal " + name,
          result(c, m),
          (i, j) -> {
            double x = 1 / (S.get(m).at(0, j) + (double) dampings[c][m]);
            return Wanted.within(x, 3, x);
          });
      return;
    }
    double[][] A = damped(c, m);
    double[][] L = rows(n, plan.downloadL(candidate(c), m, trial.device().stream()));
    double[][] M = rows(n, plan.downloadInverse(candidate(c), m, trial.device().stream()));
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
    double[][] wanted = Reference.product(Reference.transpose(M), M);
    double[][] magnitude = Reference.product(Reference.transpose(k), k);
    trial.check(
        "X of " + name, result(c, m), (i, j) -> Wanted.within(wanted[i][j], n, magnitude[i][j]));
    checkMirror(c, m);
  }

  /** Checks that X is its own mirror image to the bit, and the estimate by its definition. */
  void checkMirrorAndCondition(int c, int m) {
    checkMirror(c, m);
    checkCondition(c, m);
  }

  private void checkMirror(int c, int m) {
    Host X = result(c, m);
    trial.check("mirror image in X of " + name(c, m), X, (i, j) -> Wanted.exactly(X.get(j, i)));
  }

  private void checkCondition(int c, int m) {
    Host X = result(c, m);
    int n = X.rows();
    double estimate = Residual.norm(dampedLower(c, m)) * Residual.norm(X);
    trial.check( // two sums of n^2 squares, each halved by the root, and a handful of roundings
        "condition of " + name(c, m),
        Host.row(condition(c, m)),
        (i, j) -> Wanted.within(estimate, (double) n * n + 16, estimate));
  }

  /** Checks that a rung was not tried. */
  void checkNotTried(int c, int m) {
    checkInfo(c, m, UNSET);
  }

  /** Checks that nobody has written an X, or one that failed. */
  void checkNone(int c, int m) {
    trial.check("X of " + name(c, m), result(c, m), (i, j) -> Wanted.exactly(Double.NaN));
  }

  /** Checks that this matrix failed at a column, 1-based, and says so everywhere. */
  void checkFailed(int c, int m, int column) {
    checkInfo(c, m, column);
    checkNone(c, m);
    trial.check(
        "condition of " + name(c, m),
        Host.row(condition(c, m)),
        (i, j) -> Wanted.exactly(Double.NaN));
  }

  @Override
  public void close() {
    arena.close();
  }

  /** Checks the info of a matrix on a rung, or of a candidate. */
  void checkInfo(int c, int m, int wanted) {
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

  String name(int c, int m) {
    return "matrix " + m + " of " + S.get(m).columns() + ", candidate or rung " + c;
  }

  /** fl(S + damping I), of which the lower triangle counts. */
  Host dampedLower(int c, int m) {
    Host A = S.get(m).copy();
    for (int i = 0; i < A.rows(); i++) {
      A.set(i, i, A.get(i, i) + dampings[c][m]);
    }
    return A;
  }

  /** The whole of it. */
  private double[][] damped(int c, int m) {
    Host lower = dampedLower(c, m);
    double[][] A = new double[lower.rows()][lower.rows()];
    for (int i = 0; i < A.length; i++) {
      for (int j = 0; j < A.length; j++) {
        A[i][j] = lower.at(Math.max(i, j), Math.min(i, j));
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
