package dev.krongauss.bench.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.reference.Algebra;
import dev.krongauss.reference.ReferenceNetwork;
import dev.krongauss.reference.ReferenceSecondOrder;
import java.util.List;
import java.util.Map;

/**
 * The exact step that {@code bench/inspect} writes, by its residual ρ = g + MΔ in double, M = C +
 * μI: the error in the norm of M is √(ρᵀ M⁻¹ ρ) ≤ ‖ρ‖ / √μ.
 */
final class ExactAgreement {
  /**
   * Roundings of g and of the products with C beside the size of g: 64, of sums over up to six
   * layers of 130.
   */
  private static final double ROUNDING = 64 * Math.ulp(1f) / 2;

  /**
   * Roundings of Δ itself, which is added up from four corrections: M makes them as large as it.
   */
  private static final double OF_DELTA = 4 * Math.ulp(1f) / 2;

  private ExactAgreement() {}

  static void check(
      RandomCase random,
      ReferenceNetwork network,
      OutputTerms[] terms,
      double[][][] gradient,
      Map<String, Object> written) {
    Map<?, ?> exact = (Map<?, ?>) ((Map<?, ?>) written.get("direction")).get("exact");
    if (exact == null) {
      assertThat((String) written.get("exact_left_out")).contains("rows, more than 1024");
      return;
    }
    assertThat(written).doesNotContainKey("exact_left_out");
    assertThat(exact.get("alpha")).isEqualTo(1.0);
    double mu = random.gamma2 + random.eta;
    ReferenceSecondOrder C =
        new ReferenceSecondOrder(
            network, random.X, n -> terms[n].gradient(), n -> terms[n].curvature());
    double[][][] delta = delta((List<?>) exact.get("delta"), gradient);
    double[][][] product = C.gaussNewtonProduct(delta);
    double residual2 = 0;
    double size2 = 0;
    double norm2 = 0;
    double length2 = 0;
    for (int l = 0; l < delta.length; l++) {
      double[][] damped = Algebra.combine(1, product[l], mu, delta[l]);
      double[][] g = Algebra.combine(1, gradient[l], random.eta, random.W[l]);
      double[][] rest = Algebra.combine(1, g, 1, damped);
      residual2 += Algebra.dot(rest, rest);
      size2 += Algebra.dot(g, g);
      norm2 += Algebra.dot(delta[l], damped);
      length2 += Algebra.dot(delta[l], delta[l]);
    }
    double largest = trace(C, network, random);
    assertThat(Math.sqrt(residual2))
        .as("residual of the exact step, g %.3g, step %.3g", Math.sqrt(size2), Math.sqrt(norm2))
        .isLessThanOrEqualTo(
            ROUNDING * (Math.sqrt(size2) + Math.sqrt(norm2 * largest))
                + OF_DELTA * largest * Math.sqrt(length2));
  }

  /** tr C + μ, above every eigenvalue of M. */
  private static double trace(ReferenceSecondOrder C, ReferenceNetwork network, RandomCase random) {
    double sum = random.gamma2 + random.eta;
    for (int n = 0; n < random.X.length; n++) {
      double[][] input = network.forward(random.X[n]).input();
      for (int l = 0; l < network.layers(); l++) {
        double norm2 = 0;
        for (double a : input[l]) {
          norm2 += a * a;
        }
        sum += norm2 * Algebra.trace(C.gaussNewton(n, l)) / random.X.length;
      }
    }
    return sum;
  }

  private static double[][][] delta(List<?> layers, double[][][] like) {
    double[][][] delta = new double[like.length][][];
    assertThat(layers).hasSize(like.length);
    for (int l = 0; l < delta.length; l++) {
      List<?> rows = (List<?>) layers.get(l);
      delta[l] = new double[like[l].length][like[l][0].length];
      for (int i = 0; i < delta[l].length; i++) {
        for (int j = 0; j < delta[l][i].length; j++) {
          delta[l][i][j] = ((Number) ((List<?>) rows.get(i)).get(j)).doubleValue();
        }
      }
    }
    return delta;
  }
}
