package dev.krongauss.kernel;

import dev.krongauss.kernel.Mixture.Curvature;
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

  Vector gradient() {
    double r = GATE + oddsError();
    double[] g = at.gradient();
    double first = LossReference.sigma(at.h()[0]) * at.second();
    double second = LossReference.sigma(-at.h()[0]) * at.first();
    return new Vector(
        g,
        new double[] {
          (r + GATE + 1) * (first + second) + Math.abs(g[0]),
          (r + GATE + 2) * Math.abs(g[1]),
          (r + GATE + 2) * Math.abs(g[2])
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

  /** H v: two products and a difference of terms whose factors are gates, r and 1 − r. */
  Vector literal(double[] v) {
    double[] h = at.h();
    double r = at.first();
    double q = at.second();
    double[] u = {
      1, s() * LossReference.sigma(-s() * h[1]), -s() * LossReference.sigma(-s() * h[2])
    };
    double[] diagonal = {1, r, q};
    double inner = 0;
    double innerAbsolute = 0;
    for (int i = 0; i < 3; i++) {
      diagonal[i] *= LossReference.sigma(h[i]) * LossReference.sigma(-h[i]);
      inner += u[i] * v[i];
      innerAbsolute += Math.abs(u[i] * v[i]);
    }
    double[] out = new double[3];
    double[] error = new double[3];
    for (int i = 0; i < 3; i++) {
      out[i] = diagonal[i] * v[i] - r * q * inner * u[i];
      double terms = Math.abs(diagonal[i] * v[i]) + r * q * innerAbsolute * Math.abs(u[i]);
      error[i] = (4 * GATE + 2 * oddsError() + 10) * terms;
    }
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
