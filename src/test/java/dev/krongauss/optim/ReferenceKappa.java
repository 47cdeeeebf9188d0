package dev.krongauss.optim;

import dev.krongauss.reference.Algebra;
import dev.krongauss.testing.Compare;

/**
 * κ in double as it follows the agreement of the steps with the gradient of the batch after them,
 * and how far rounding may take the device's from it: both sums, and κ, carry their errors along.
 */
final class ReferenceKappa {
  private static final int PLAIN = 3;

  private final double e;
  private int applied;
  private double kappa = 0.2;
  private double relative = Compare.EPSILON; // error of κ
  private double agreed;
  private double agreedError;
  private double promised;
  private double promisedError;
  private double slope;
  private double slopeError;
  private double[] x;
  private double[][][] delta;

  /**
   * @param e relative error of the terms that a gradient is the sum of
   */
  ReferenceKappa(double e) {
    this.e = e;
  }

  /**
   * Follows the gradient of an update, which comes after the one of {@link #step}.
   *
   * @param terms sums of the absolute terms of g
   */
  void follow(double[][][] g, double[][][] terms) {
    if (applied < PLAIN) {
      return;
    }
    agreed = 0.9 * agreed + product(g);
    agreedError = 0.9 * agreedError + error(terms) + Compare.EPSILON * Math.abs(agreed);
    promised = 0.9 * promised + slope;
    promisedError = 0.9 * promisedError + slopeError + Compare.EPSILON * Math.abs(promised);
    double t = agreed / promised;
    double wrong = agreedError + Math.abs(t) * promisedError;
    double room = Math.abs(promised) - promisedError;
    relative += 0.2 * (room > 0 ? Math.min(0.575, wrong / room) : 0.575) + Compare.EPSILON;
    kappa *= Math.exp(-0.2 * Math.max(-0.075, Math.min(t, 0.5)));
    kappa = Math.max(0.15, Math.min(kappa, 1));
  }

  /**
   * Keeps the step of an accepted update.
   *
   * @param lengths of the layers' directions
   */
  void step(double[] lengths, double[][][] directions, double[][][] g, double[][][] terms) {
    applied++;
    x = lengths;
    delta = directions;
    slope = product(g);
    slopeError = error(terms) + Compare.EPSILON * Math.abs(slope);
  }

  double value() {
    return kappa;
  }

  /** Bound of the error of {@link #value}. */
  double bound() {
    return kappa * Math.expm1(relative);
  }

  private double product(double[][][] g) {
    double sum = 0;
    for (int l = 0; l < g.length; l++) {
      sum += x[l] * Algebra.dot(delta[l], g[l]);
    }
    return sum;
  }

  /** |⟨Δ, δg⟩| ≤ e ‖Δ‖ ‖terms‖, doubled for the sum itself. */
  private double error(double[][][] terms) {
    double sum = 0;
    for (int l = 0; l < terms.length; l++) {
      double squares = Algebra.dot(delta[l], delta[l]) * Algebra.dot(terms[l], terms[l]);
      sum += 2 * e * Math.abs(x[l]) * Math.sqrt(squares);
    }
    return sum;
  }
}
