package dev.krongauss.kernel;

import dev.krongauss.kernel.Mixture.Curvature;
import dev.krongauss.reference.Algebra;
import dev.krongauss.reference.ReferenceMixture;
import java.util.List;

/**
 * What {@code mixture.cu} computes for one datapoint and one target in double, with the errors a
 * float computation may make.
 *
 * <p>Roundings, in units of {@link Wanted#EPSILON}: a logistic function and its complement {@link
 * #GATE} of themselves (expf 2, and four operations); the log odds of r an absolute {@link
 * #oddsError}, which is the relative error that r gets from it.
 */
record MixtureReference(ReferenceMixture at) {
  static final double GATE = 6;

  MixtureReference(double[] h, double y) {
    this(new ReferenceMixture(h, (int) y));
  }

  /** Three numbers with the error that each may have, in units of eps. */
  record Vector(double[] value, double[] error) {
    Wanted at(int i) {
      return Wanted.within(value[i], 1, error[i]);
    }

    double dot(double[] v) {
      return value[0] * v[0] + value[1] * v[1] + value[2] * v[2];
    }

    /** Of the dot product: what comes in, and three roundings. */
    double dotError(double[] v) {
      double sum = 0;
      for (int i = 0; i < 3; i++) {
        sum += Math.abs(v[i]) * (error[i] + 3 * Math.abs(value[i]));
      }
      return sum;
    }
  }

  double value() {
    return at.value();
  }

  private double s() {
    return 2.0 * at.y() - 1;
  }

  /**
   * h₁ + ((m₂ − m₃) − (l₂ − l₃)), m = min(s h, 0), l = log(1 + e^{−|h|}): a rounding of every
   * difference, and 5 of each l ≤ log 2 (expf 2, the polynomial 3).
   */
  double oddsError() {
    double low = Math.min(s() * at.h()[1], 0) - Math.min(s() * at.h()[2], 0);
    return Math.abs(at.logOdds()) + 2 * Math.abs(low) + 10;
  }

  /**
   * π − r. Where both classifiers say the outcome, π (1 − π) (1 − A) / p and the same of B, of four
   * gates, and p, a sum of products; else π (1 − r) and (1 − π) r, of a gate and r. On the border
   * it may be either.
   */
  private double gateError() {
    double[] h = at.h();
    double pi = LossReference.sigma(h[0]);
    double rest = LossReference.sigma(-h[0]);
    double terms =
        pi * rest * (LossReference.sigma(-s() * h[1]) + LossReference.sigma(-s() * h[2]));
    double both = (5 * GATE + 8) * terms / at.probability();
    double either = (2 * GATE + oddsError() + 2) * (pi * at.second() + rest * at.first());
    double least = Math.min(s() * h[1], s() * h[2]);
    return least > 1e-3 ? both : least < -1e-3 ? either : Math.max(both, either);
  }

  /** (π − r)(1 − π − r), the second as a difference of the small ones. */
  private double gateHessianError() {
    double h = at.h()[0];
    double small = LossReference.sigma(-Math.abs(h));
    double r = h > 0 ? at.first() : at.second();
    double factor = Math.abs(small - r);
    double factorError = GATE * small + (GATE + oddsError()) * r + 2 * factor;
    // at even odds either difference may be taken
    factorError += Math.abs(h) < 1e-3 ? GATE + oddsError() : 0;
    return (gateError() + Math.abs(at.gradient()[0])) * factor
        + Math.abs(at.gradient()[0]) * factorError;
  }

  Vector gradient() {
    double r = GATE + oddsError();
    double[] g = at.gradient();
    return new Vector(
        g,
        new double[] {
          gateError(), (r + GATE + 2) * Math.abs(g[1]), (r + GATE + 2) * Math.abs(g[2])
        });
  }

  /**
   * Where p ≥ 1/2: (1 − p) / p, each a sum of two products, and log1p. Else the four logarithms
   * with three roundings of their sum, the correction, and the wrong choice of the larger where the
   * log odds are not known to be positive.
   */
  double valueError() {
    double[] h = at.h();
    double easy = (2 * (2 * GATE + 2) + 4) * at.value();
    double terms = Math.abs(h[0]) + Math.max(Math.abs(h[1]), Math.abs(h[2])) + 2;
    double hard = 3 * terms + 16 + 2 * oddsError();
    double p = at.probability();
    return p > 0.5 + 1e-5 ? easy : p < 0.5 - 1e-5 ? hard : easy + hard;
  }

  Vector root(Curvature curvature) {
    if (curvature == Curvature.OUTCOME) {
      return gradient();
    }
    MixtureReference one = new MixtureReference(at.h(), 1);
    MixtureReference zero = new MixtureReference(at.h(), 0);
    double difference = one.at.value() - zero.at.value();
    double factor =
        2 + (one.valueError() + zero.valueError() + Math.abs(difference)) / 2; // of the root
    double[] c = at.logitRoot();
    double[] error = new double[3];
    for (MixtureReference side : List.of(one, zero)) {
      // at even odds rounding decides which side is taken; both give c
      boolean taken = (side == one) == (difference >= 0);
      if (taken || Math.abs(difference) < 1e-3) {
        Vector g = side.gradient();
        double root = Math.exp(-Math.abs(difference) / 2);
        for (int i = 0; i < 3; i++) {
          error[i] += root * g.error()[i] + (factor + 1) * Math.abs(c[i]);
        }
      }
    }
    return new Vector(c, error);
  }

  /**
   * H v: products and differences of terms whose factors are gates, r and 1 − r; the gate's own
   * second derivative apart.
   */
  Vector literal(double[] v) {
    double[] h = at.h();
    double r = at.first();
    double q = at.second();
    double[] u = {
      1, s() * LossReference.sigma(-s() * h[1]), -s() * LossReference.sigma(-s() * h[2])
    };
    double[][] H = at.hessian();
    double[] out = Algebra.multiply(H, v);
    double[] error = new double[3];
    for (int i = 0; i < 3; i++) {
      double terms = 0;
      for (int j = 0; j < 3; j++) {
        terms += i + j == 0 ? 0 : r * q * Math.abs(u[i] * u[j] * v[j]);
      }
      double diagonal = LossReference.sigma(h[i]) * LossReference.sigma(-h[i]);
      terms += i == 0 ? 0 : (i == 1 ? r : q) * diagonal * Math.abs(v[i]);
      error[i] = (4 * GATE + 2 * oddsError() + 10) * terms;
    }
    error[0] += (gateHessianError() + Math.abs(H[0][0])) * Math.abs(v[0]) + Math.abs(out[0]);
    return new Vector(out, error);
  }

  Vector product(Curvature curvature, double[] v) {
    if (curvature == Curvature.LITERAL) {
      return literal(v);
    }
    Vector c = root(curvature);
    double inner = c.dot(v);
    double innerError = c.dotError(v);
    double[] out = new double[3];
    double[] error = new double[3];
    for (int i = 0; i < 3; i++) {
      out[i] = inner * c.value()[i];
      error[i] =
          Math.abs(inner) * c.error()[i]
              + innerError * (Math.abs(c.value()[i]) + c.error()[i] * Wanted.EPSILON)
              + Math.abs(out[i]);
    }
    return new Vector(out, error);
  }

  Wanted quadratic(Curvature curvature, double[] v) {
    if (curvature == Curvature.LITERAL) {
      Vector Hv = literal(v);
      return Wanted.within(Hv.dot(v), 1, Hv.dotError(v));
    }
    Vector c = root(curvature);
    double inner = c.dot(v);
    double error = c.dotError(v);
    return Wanted.within(
        inner * inner,
        1,
        2 * Math.abs(inner) * error + error * error * Wanted.EPSILON + inner * inner);
  }
}
