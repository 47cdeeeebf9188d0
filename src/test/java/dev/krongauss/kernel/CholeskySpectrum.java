package dev.krongauss.kernel;

import java.util.Arrays;

/** What must hold of a factor and an inverse of {@link CholeskyProblem} by the eigenvalues. */
final class CholeskySpectrum {
  private CholeskySpectrum() {}

  /**
   * Checks what the condition number lets hold of a positive semi-definite matrix, in Frobenius
   * norms. Where 4 n ε κ < 0.1: no failure, ‖A X − I‖ ≤ 4 n ε κ, and the estimated condition
   * between κ and n κ. Above: a failure, or an estimate that tells, see {@link
   * Spectrum#leastEstimate}. Unless it failed, at every κ: ‖A − L Lᵀ‖ ≤ (n + 8) ε ‖A‖, a √n less
   * than rounding errors of one sign could add up to, as ‖|L||L|ᵀ‖ ≤ tr A ≤ √n ‖A‖.
   *
   * @param trial that the problem is of
   * @param values the eigenvalues, damping included
   */
  static void check(Trial trial, CholeskyProblem p, int c, int m, double... values) {
    int n = values.length;
    String name = p.name(c, m);
    double kappa =
        Arrays.stream(values).max().orElseThrow() / Arrays.stream(values).min().orElseThrow();
    double bound = 4 * n * Wanted.EPSILON * kappa;
    int info = p.info(c, m);
    if (info != 0 && bound >= 0.1) {
      p.checkFailed(c, m, info);
      return;
    }
    p.checkInfo(c, m, 0);
    Host A = p.dampedLower(c, m);
    checkBetween(
        trial,
        "‖A − L Lᵀ‖ of " + name,
        factorResidual(trial, p, A, c, m),
        0,
        (n + 8) * Wanted.EPSILON * Residual.norm(A));
    if (bound < 0.1) {
      checkBetween(trial, "‖A X − I‖ of " + name, inverseResidual(trial, p, A, c, m), 0, bound);
      checkBetween(
          trial,
          "condition of " + name,
          p.condition(c, m),
          kappa * (1 - bound),
          n * kappa * (1 + 2 * bound));
    } else {
      double share = Spectrum.leastEstimate(values) / p.condition(c, m);
      checkBetween(trial, "least estimate over condition of " + name, share, 0, 1);
    }
  }

  private static double factorResidual(Trial trial, CholeskyProblem p, Host A, int c, int m) {
    float[] L = p.plan().downloadL(c, m, trial.device().stream());
    return Residual.norm(
        A.rows(),
        trial.random().split(),
        v ->
            Residual.difference(
                Residual.symmetric(A, v),
                Residual.product(L, false, Residual.product(L, true, v))));
  }

  private static double inverseResidual(Trial trial, CholeskyProblem p, Host A, int c, int m) {
    float[] X = p.result(c, m).values();
    return Residual.norm(
        A.rows(),
        trial.random().split(),
        v -> Residual.difference(Residual.symmetric(A, Residual.product(X, false, v)), v));
  }

  private static void checkBetween(
      Trial trial, String what, double got, double least, double most) {
    trial.check(
        what, Host.row((float) got), (i, j) -> new Wanted((least + most) / 2, (most - least) / 2));
  }
}
