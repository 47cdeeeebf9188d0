package dev.krongauss.optim;

import static dev.krongauss.testing.Compare.bound;

import dev.krongauss.reference.Algebra;
import dev.krongauss.reference.ReferenceGaussNewton;
import dev.krongauss.reference.ReferenceNetwork;
import dev.krongauss.testing.Problem;

/** Bounds of the rounding errors that {@link Trajectory} allows for, stage by stage. */
final class TrajectoryBounds {
  static final double C = 2;

  private final Problem problem;
  private final ReferenceGaussNewton reference;
  private final double l2;
  private final int path;

  TrajectoryBounds(Problem problem, ReferenceGaussNewton reference, double l2) {
    this.problem = problem;
    this.reference = reference;
    this.l2 = l2;
    this.path = problem.setup().path();
  }

  /**
   * Forward error of Δ = −A⁻¹ g B⁻¹: (κ(A) + κ(B)) relative errors of factors and inversions, and
   * the gradient's own error through both inverses. Norms are row-sum norms, Δ's taken with all its
   * elements.
   */
  double direction(int l, double[][] delta, double gradientScale) {
    double[][] A = reference.dampedG(l);
    double[][] B = reference.dampedQ(l);
    double norm = Math.sqrt(Algebra.dot(delta, delta));
    double throughInverses =
        Algebra.rowSumNorm(Algebra.inverse(A))
            * Algebra.rowSumNorm(Algebra.inverse(B))
            * gradientScale;
    return bound(C, path, (Algebra.condition(A) + Algebra.condition(B)) * norm + throughInverses);
  }

  /** Largest errors of α, μ and M. */
  record Errors(double alpha, double mu, double predicted) {}

  /**
   * Errors of the minimum in a plane, with both directions scaled to q = 1: R z = p, R = (1 r; r
   * 1). |δz| ≤ ‖R⁻¹‖ (|δp| + ‖δR‖ |z|), where ‖R⁻¹‖ ≤ 2 / (1 − r²), r has the error of an inner
   * product, and p that of its absolute terms.
   */
  Errors errors(ReferenceGaussNewton.Step wanted, double slope, double previousSlope) {
    double[][] q = wanted.plane().q();
    double length = Math.sqrt(q[0][0]);
    double previousLength = Math.sqrt(q[1][1]);
    double p = slope / length + previousSlope / previousLength;
    double z = Math.abs(wanted.alpha()) * length + Math.abs(wanted.mu()) * previousLength;
    double error = bound(C, path, 2 / wanted.plane().sine2() * (p + z));
    return new Errors(error / length, error / previousLength, error * p + bound(C, path, p * z));
  }

  /** The absolute terms behind ⟨Δ, g⟩. */
  double absoluteSlope(double[][][] terms, double[][][] delta, ReferenceNetwork before) {
    double sum = 0;
    for (int l = 0; l < terms.length; l++) {
      double[][] D = delta[l];
      sum +=
          Algebra.largest(terms[l]) * Algebra.rowSumNorm(flat(D))
              + l2 * Math.sqrt(Algebra.dot(D, D) * before.norm2());
    }
    return sum;
  }

  /**
   * Σ |∂E/∂h| of a datapoint: at most 2 for softmax, an output each for Bernoulli, and the residual
   * for squares.
   */
  double largestOutputGradient() {
    ReferenceNetwork network = problem.reference();
    double most = network.outputs();
    for (int n = 0; n < problem.X().length; n++) {
      double[] gradient =
          problem
              .referenceLoss()
              .gradient(network.forward(problem.X()[n]).output(), problem.T()[n]);
      most = Math.max(most, Algebra.rowSumNorm(new double[][] {gradient}));
    }
    return most;
  }

  private static double[][] flat(double[][] A) {
    double[] row = new double[A.length * A[0].length];
    for (int i = 0; i < row.length; i++) {
      row[i] = A[i / A[0].length][i % A[0].length];
    }
    return new double[][] {row};
  }
}
