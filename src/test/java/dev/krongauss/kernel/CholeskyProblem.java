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

  /** Launches once, alone, and waits; all S must be as they were. */
  void launch() {
    trial.launch(
        s -> plan.factoriseAndInvert(s, damping.pointer(), info.pointer(), condition.pointer()));
    for (int m = 0; m < S.size(); m++) {
      Host before = S.get(m);
      trial.check("S of matrix " + m, inputs.get(m), (i, j) -> Wanted.exactly(before.at(i, j)));
    }
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
    checkCondition(c, m);
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

  /**
   * Checks what the condition number lets hold of a positive semi-definite matrix, in Frobenius
   * norms. Where 4 n ε κ < 0.1: no failure, ‖A X − I‖ ≤ 4 n ε κ, and the estimated condition
   * between κ and n κ. Above: a failure, or an estimate that tells, see {@link
   * Spectrum#leastEstimate}. Unless it failed, at every κ: ‖A − L Lᵀ‖ ≤ (n + 8) ε ‖A‖, a √n less
   * than rounding errors of one sign could add up to, as ‖|L||L|ᵀ‖ ≤ tr A ≤ √n ‖A‖.
   *
   * @param values the eigenvalues, damping included
   */
  void checkSpectrum(int c, int m, double... values) {
    int n = values.length;
    String name = name(c, m);
    double kappa =
        Arrays.stream(values).max().orElseThrow() / Arrays.stream(values).min().orElseThrow();
    double bound = 4 * n * Wanted.EPSILON * kappa;
    int info = info(c, m);
    if (info != 0 && bound >= 0.1) {
      checkFailed(c, m, info);
      return;
    }
    checkInfo(c, m, 0);
    Host A = dampedLower(c, m);
    checkBetween(
        "‖A − L Lᵀ‖ of " + name,
        factorResidual(A, c, m),
        0,
        (n + 8) * Wanted.EPSILON * Residual.norm(A));
    if (bound < 0.1) {
      checkBetween("‖A X − I‖ of " + name, inverseResidual(A, c, m), 0, bound);
      checkBetween(
          "condition of " + name,
          condition(c, m),
          kappa * (1 - bound),
          n * kappa * (1 + 2 * bound));
    } else {
      double share = Spectrum.leastEstimate(values) / condition(c, m);
      checkBetween("least estimate over condition of " + name, share, 0, 1);
    }
  }

  private double factorResidual(Host A, int c, int m) {
    float[] L = plan.downloadL(c, m, trial.device().stream());
    return Residual.norm(
        A.rows(),
        trial.random().split(),
        v ->
            Residual.difference(
                Residual.symmetric(A, v),
                Residual.product(L, false, Residual.product(L, true, v))));
  }

  private double inverseResidual(Host A, int c, int m) {
    float[] X = result(c, m).values();
    return Residual.norm(
        A.rows(),
        trial.random().split(),
        v -> Residual.difference(Residual.symmetric(A, Residual.product(X, false, v)), v));
  }

  private void checkBetween(String what, double got, double least, double most) {
    trial.check(
        what, Host.row((float) got), (i, j) -> new Wanted((least + most) / 2, (most - least) / 2));
  }

  @Override
  public void close() {
    arena.close();
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

  /** fl(S + damping I), of which the lower triangle counts. */
  private Host dampedLower(int c, int m) {
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
