package dev.krongauss.reference;

import static dev.krongauss.reference.ReferenceTransfer.logistic;

/**
 * The mixture of two binary classifiers: −log[σ(h₁) σ(s h₂) + σ(−h₁) σ(s h₃)], s = 2y − 1, for any
 * logits that a double can hold.
 *
 * <p>r = P(first classifier | y) and 1 − r are computed apart, since neither may be one minus the
 * other where it is small.
 *
 * @param h three logits
 * @param y 0 or 1
 */
public record ReferenceMixture(double[] h, int y) {
  private double s() {
    return 2.0 * y - 1;
  }

  /** The logarithm of the odds of the first classifier, given the target. */
  public double logOdds() {
    return h[0] + softplus(-s() * h[2]) - softplus(-s() * h[1]);
  }

  /** r. */
  public double first() {
    return logistic(logOdds());
  }

  /** 1 − r. */
  public double second() {
    return logistic(-logOdds());
  }

  /** P(y). */
  public double probability() {
    return logistic(h[0]) * logistic(s() * h[1]) + logistic(-h[0]) * logistic(s() * h[2]);
  }

  private double otherProbability() {
    return new ReferenceMixture(h, 1 - y).probability();
  }

  /** E = −log P(y). */
  public double value() {
    if (probability() > 0.5) {
      return Math.log1p(otherProbability() / probability());
    }
    double a = -softplus(-h[0]) - softplus(-s() * h[1]);
    double b = -softplus(h[0]) - softplus(-s() * h[2]);
    return -Math.max(a, b) - Math.log1p(Math.exp(-Math.abs(a - b)));
  }

  /**
   * π − r = −π (1 − r) (e^d − 1) = (1 − π) r (e^−d − 1), d = log A − log B: small where both
   * classifiers say the same.
   */
  private double gate() {
    double d = softplus(-s() * h[2]) - softplus(-s() * h[1]);
    return d < 0
        ? -logistic(h[0]) * second() * Math.expm1(d)
        : logistic(-h[0]) * first() * Math.expm1(-d);
  }

  /** ∂E/∂h. */
  public double[] gradient() {
    return new double[] {
      gate(), -s() * first() * logistic(-s() * h[1]), -s() * second() * logistic(-s() * h[2])
    };
  }

  /** ∂²E/∂h², which is indefinite. */
  public double[][] hessian() {
    double[] v = {1, s() * logistic(-s() * h[1]), -s() * logistic(-s() * h[2])};
    double[][] H = Algebra.scale(-first() * second(), Algebra.outer(v, v));
    // π (1 − π) − r (1 − r) = (π − r)(1 − π − r), as the difference of the small ones
    H[0][0] = gate() * (h[0] > 0 ? logistic(-h[0]) - first() : second() - logistic(h[0]));
    H[1][1] += first() * logistic(h[1]) * logistic(-h[1]);
    H[2][2] += second() * logistic(h[2]) * logistic(-h[2]);
    return H;
  }

  /** c with c cᵀ the Gauss-Newton matrix at the logit of P(y = 1): ∇p₁ / √(p₁ (1 − p₁)). */
  public double[] logitRoot() {
    ReferenceMixture one = new ReferenceMixture(h, 1);
    ReferenceMixture zero = new ReferenceMixture(h, 0);
    double root = Math.exp(-Math.abs(one.value() - zero.value()) / 2);
    boolean oneIsLess = one.value() >= zero.value();
    double[] c = (oneIsLess ? one : zero).gradient();
    for (int i = 0; i < c.length; i++) {
      c[i] *= oneIsLess ? -root : root;
    }
    return c;
  }

  /** E over y of ∇E ∇Eᵀ, with y drawn from the model. */
  public double[][] fisher() {
    double[][] sum = Algebra.zeros(3, 3);
    for (int target = 0; target < 2; target++) {
      ReferenceMixture at = new ReferenceMixture(h, target);
      sum = Algebra.combine(1, sum, at.probability(), Algebra.outer(at.gradient(), at.gradient()));
    }
    return sum;
  }

  private static double softplus(double x) {
    return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
  }
}
