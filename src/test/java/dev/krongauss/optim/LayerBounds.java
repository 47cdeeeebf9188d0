package dev.krongauss.optim;

import dev.krongauss.reference.Algebra;
import dev.krongauss.reference.ReferenceCurvature;
import dev.krongauss.reference.ReferenceLayerSteps;

/**
 * Bounds of the rounding errors of step lengths, of the scaled system S y = −r/d with S_ij = M_ij /
 * (d_i d_j), d = √diag M, x = y / d: |δy| ≤ ‖S⁻¹‖ (|δr/d| + |δS| |y|), to first order, doubled for
 * the rest.
 *
 * <p>δC_ij = v_iᵀ H δv_j + δv_iᵀ H v_j + …, where δv_j is e of its absolute terms, whose square is
 * at most L ‖Δ_j‖² tr C_jj; r_l is a sum of products whose errors are e of the absolute ones.
 */
final class LayerBounds {
  private final ReferenceLayerSteps wanted;
  private final double e;
  private final double[] tangent;
  private final double[] slope;
  private final double growth;
  private final double largest;

  /**
   * @param scales absolute terms of the averaged gradient
   * @param e relative error of a pass
   */
  LayerBounds(
      ReferenceLayerSteps wanted,
      ReferenceCurvature exact,
      double[][][] delta,
      double[][][] scales,
      double[][] curvature,
      double e) {
    int L = delta.length;
    this.wanted = wanted;
    this.e = e;
    this.tangent = new double[L];
    this.slope = new double[L];
    double most = 0;
    for (int l = 0; l < L; l++) {
      double square = Algebra.dot(delta[l], delta[l]);
      tangent[l] = Math.sqrt(L * square * exact.exactTrace(l)) / wanted.scale(l);
      slope[l] = 2 * Math.sqrt(square * Algebra.dot(scales[l], scales[l])) / wanted.scale(l);
      most = Math.max(most, Math.abs(wanted.steps()[l]) * wanted.scale(l));
    }
    this.growth = wanted.growth();
    this.largest = most;
  }

  /** Of x_l. */
  double length(int l) {
    return scaled() / wanted.scale(l) + Math.abs(wanted.steps()[l]) * 4 * e;
  }

  /** Of the length of one step for all layers. */
  double common() {
    double slopes = 0;
    double sums = 0;
    for (int i = 0; i < slope.length; i++) {
      slopes += slope[i] * wanted.scale(i);
      for (int j = 0; j < slope.length; j++) {
        sums += entry(i, j) * wanted.scale(i) * wanted.scale(j);
      }
    }
    return 2 * (e * slopes / wanted.slopes() + sums / wanted.sum()) * wanted.common();
  }

  /** Of xᵀr + ½ xᵀA x, where x is near the minimum of M, not A. */
  double predicted() {
    double sum = 0;
    for (int i = 0; i < slope.length; i++) {
      sum += e * slope[i] * largest + scaled() * slope[i];
      for (int j = 0; j < slope.length; j++) {
        sum += entry(i, j) * largest * largest + 2 * scaled() * largest;
      }
    }
    return sum;
  }

  /** ‖δy‖. */
  private double scaled() {
    double worst = 0;
    for (int i = 0; i < slope.length; i++) {
      double row = e * slope[i];
      for (int j = 0; j < slope.length; j++) {
        row += entry(i, j) * largest;
      }
      worst = Math.max(worst, row);
    }
    return 2 * growth * worst + 8 * e * largest;
  }

  /** Of an entry of S: C's error, and that of κ/a₀ p on the diagonal, whose a₀ is as good as C. */
  private double entry(int i, int j) {
    return e * (tangent[i] + tangent[j]) + e * e * tangent[i] * tangent[j];
  }
}
