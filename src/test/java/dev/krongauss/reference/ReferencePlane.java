package dev.krongauss.reference;

/** The quadratic model in the plane of Δ and the update before: symmetric 2 by 2, and slopes. */
public record ReferencePlane(double[][] q, double[] slopes) {
  /** Whether the directions are apart enough: sin² of their angle in the metric of q. */
  boolean usable() {
    return q[0][0] > 0 && q[1][1] > 0 && sine2() >= 1e-3;
  }

  public double sine2() {
    return 1 - q[0][1] * q[0][1] / (q[0][0] * q[1][1]);
  }

  /** α and μ of its minimum, by Cramer's rule. */
  double[] minimum() {
    double determinant = q[0][0] * q[1][1] - q[0][1] * q[0][1];
    return new double[] {
      (-slopes[0] * q[1][1] + slopes[1] * q[0][1]) / determinant,
      (-slopes[1] * q[0][0] + slopes[0] * q[0][1]) / determinant
    };
  }
}
