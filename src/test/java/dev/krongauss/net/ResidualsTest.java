package dev.krongauss.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.krongauss.model.LossFunction;
import dev.krongauss.reference.Algebra;
import dev.krongauss.testing.Bent;
import dev.krongauss.testing.Compare;
import dev.krongauss.testing.DeviceBatch;
import dev.krongauss.testing.LossProbe;
import dev.krongauss.testing.Problem;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Value, gradient and curvature of residuals against their definitions in double. */
final class ResidualsTest {
  private static final int N = 23;
  private static final Residuals LINE = Residuals.of(new Bent.Difference());

  private final SplittableRandom random = new SplittableRandom(173);

  /** Residuals, and what {@code least_squares} of SciPy 1.17.1 has for f_scale 0.5: cost and ρ'. */
  static Stream<Arguments> scipy() {
    return Stream.of(
        Arguments.of("linear", LINE, at(0.045, 0.125, 0.28125, 2, 50), at(1, 1, 1, 1, 1)),
        Arguments.of(
            "huber",
            LINE.huber(0.5),
            at(0.045, 0.125, 0.25, 0.875, 4.875),
            at(1, 1, 0.6666666666666666, 0.25, 0.05)),
        Arguments.of(
            "soft_l1",
            LINE.softL1(0.5),
            at(
                0.04154759474226499,
                0.10355339059327379,
                0.20069390943299864,
                0.7807764064044151,
                4.756246098625197),
            at(
                0.8574929257125442,
                0.7071067811865476,
                0.5547001962252291,
                0.24253562503633297,
                0.04993761694389223)),
        Arguments.of(
            "cauchy",
            LINE.cauchy(0.5),
            at(
                0.038435587468495076,
                0.08664339756999316,
                0.14733187454270577,
                0.354151668007027,
                0.7492451784133212),
            at(
                0.7352941176470589,
                0.5,
                0.3076923076923077,
                0.058823529411764705,
                0.0024937655860349127)),
        Arguments.of(
            "arctan",
            LINE.arctan(0.5),
            at(
                0.04319444757271402,
                0.09817477042468103,
                0.14407149965195845,
                0.1885471895998674,
                0.1960370415004013),
            at(
                0.8852691218130312,
                0.5,
                0.16494845360824742,
                0.0038910505836575876,
                6.249960937744139e-06)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("scipy")
  void robustLossesAreThoseOfScipy(
      String word, Residuals residuals, double[] costs, double[] slopes) {
    double[] at = {0.3, -0.5, 0.75, -2, 10};
    for (int i = 0; i < at.length; i++) {
      Residuals.Group group = residuals.parts().get(0);
      assertThat(group.value(at[i])).isCloseTo(costs[i], within(4e-15 * costs[i]));
      assertThat(group.slope(at[i])).isCloseTo(slopes[i], within(4e-15 * slopes[i]));
      assertThat(residuals.weight(3).parts().get(0).value(at[i]))
          .isCloseTo(3 * costs[i], within(2e-14 * costs[i]));
    }
    assertThat(residuals.parts().get(0).value(0)).isZero();
    assertThat(residuals.parts().get(0).slope(0)).isOne();
  }

  /**
   * E = Σ w ½ C² ρ(r²/C²) written out, its gradient by differences in double, C Cᵀ = Σ w ρ' JJᵀ.
   */
  @Test
  void valueGradientAndCurvatureAreThoseOfTheDefinition() {
    double[][] H = Problem.random(N, 2, random);
    double[][] T = Problem.random(N, 2, random);
    double[] seen = new double[2];
    try (LossProbe probe = new LossProbe(Loss.residuals(Bent.grouped()), H, T, false)) {
      double[][] gradients = probe.gradients();
      double[] values = probe.values();
      double[][][] curvatures = probe.curvatures();
      for (int n = 0; n < N; n++) {
        double[] h = H[n];
        double[] t = T[n];
        // one rounding of float each, of sums below 4; differences: 1e-5 squared, ε / 1e-5
        assertThat(values[n]).isCloseTo(value(h, t), within(Compare.bound(1, 1, 4)));
        double[][] wanted = curvature(h, t);
        for (int j = 0; j < 2; j++) {
          double slope = (value(moved(h, j, 1e-5), t) - value(moved(h, j, -1e-5), t)) / 2e-5;
          assertThat(gradients[n][j]).isCloseTo(slope, within(Compare.bound(1, 1, 4) + 1e-9));
          for (int i = 0; i < 2; i++) {
            // two roundings of C's entries below 2, five terms
            assertThat(curvatures[n][i][j]).isCloseTo(wanted[i][j], within(Compare.bound(2, 5, 4)));
          }
        }
        seen[Math.abs(h[0] - t[0]) > 0.5 ? 1 : 0]++;
      }
    }
    assertThat(seen).as("on either side of Huber's delta").doesNotContain(0);
  }

  @Test
  void differencesAreTheSquaredLoss() {
    double[][] H = Problem.random(N, 5, random);
    double[][] T = Problem.random(N, 5, random);
    double[][] V = Problem.random(N, 5, random);
    try (LossProbe own = new LossProbe(Loss.residuals(LINE), H, T, false);
        LossProbe builtIn = new LossProbe(Loss.squared(), H, T, false)) {
      assertThat(own.gradients()).isDeepEqualTo(builtIn.gradients());
      assertThat(own.curvatures()).isDeepEqualTo(builtIn.curvatures());
      assertThat(own.curvatureVectors(V)).isDeepEqualTo(builtIn.curvatureVectors(V));
      double[] wanted = builtIn.values();
      double[] got = own.values();
      for (int n = 0; n < N; n++) { // five squares of rounded differences, and their sum
        assertThat(got[n]).isCloseTo(wanted[n], within(Compare.bound(1, 8, wanted[n])));
      }
    }
  }

  @Test
  void groupsSayWhatEachCosts() {
    double[][] H = Problem.random(N, 2, random);
    double[][] T = Problem.random(N, 2, random);
    Residuals residuals = Bent.grouped();
    float[] h = DeviceBatch.compact(H);
    float[] t = DeviceBatch.compact(T);
    double[] parts = residuals.objectives(h, t, N);
    double whole = 0;
    for (int n = 0; n < N; n++) {
      whole += value(H[n], T[n]) / N;
    }
    assertThat(residuals.names()).isEqualTo(List.of("bent", "difference"));
    assertThat(parts[0] + parts[1]).isCloseTo(whole, within(1e-13 * whole));
    assertThat(parts[1]).isEqualTo(LINE.huber(0.5).objectives(h, t, N)[0]);
    assertThat(residuals.weight(2).objectives(h, t, N)[0])
        .isCloseTo(2 * parts[0], within(1e-13 * parts[0]));
    assertThat(residuals).hasToString("0.5 bent, cauchy 2.0; difference, huber 0.5");
    assertThat(Loss.residuals(residuals).rank(2)).isEqualTo(5);
    assertThat(Loss.residuals(residuals).diagonalHessian()).isFalse();
    assertThat(Loss.residuals(LINE.cauchy(1)).diagonalHessian()).isTrue();
  }

  @Test
  void theLiteralHessianIsRefused() {
    double[][] H = Problem.random(3, 2, random);
    LossFunction loss = Loss.residuals(Bent.grouped());
    try (LossProbe probe = new LossProbe(loss, H, H, false)) {
      assertThatThrownBy(() -> probe.hessianVectors(H))
          .isInstanceOf(UnsupportedOperationException.class)
          .hasMessageContaining("difference, huber 0.5 knows first derivatives")
          .hasMessageContaining("Gauss-Newton");
    }
  }

  @Test
  void whatCannotBeIsAnError() {
    refused(() -> Residuals.groups(LINE, LINE), "two groups", "'difference'");
    refused(() -> Residuals.groups(), "no groups", "at least one");
    refused(() -> LINE.weight(0), "weight 0.0", "leave out");
    refused(() -> LINE.weight(Double.NaN), "weight NaN", "finite");
    refused(() -> LINE.huber(0), "huber with scale 0.0", "[difference]");
    refused(() -> LINE.cauchy(Double.POSITIVE_INFINITY), "cauchy with scale Infinity");
    refused(() -> LINE.check(new float[6], new float[5], 3), "5 targets", "give 6");
    refused(() -> LINE.check(new float[7], new float[6], 3), "7 outputs for 3 datapoints");
    ResidualFunction narrow = new Narrow();
    LossFunction loss = Loss.residuals(Residuals.groups(LINE, Residuals.of(narrow)));
    refused(() -> loss.targets(2), "'difference' have 2", "'narrow' have 1", "same row");
    refused(() -> loss.rank(2), "'narrow' are 0 for 2 outputs", "at least 1");
  }

  private static void refused(Runnable call, String... parts) {
    assertThatThrownBy(call::run)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(parts);
  }

  /** Residuals that are none, of another width. */
  private static final class Narrow implements ResidualFunction {
    @Override
    public String name() {
      return "narrow";
    }

    @Override
    public int count(int outputs) {
      return 0;
    }

    @Override
    public int targets(int outputs) {
      return 1;
    }

    @Override
    public void residuals(double[] h, double[] t, double[] r) {}

    @Override
    public void derivatives(double[] h, double[] t, double[][] J) {}
  }

  /** Of {@link Bent#grouped}, written out. */
  private static double value(double[] h, double[] t) {
    DoubleUnaryOperator cauchy = r -> 0.5 * 0.5 * 4 * Math.log(1 + r * r / 4);
    DoubleUnaryOperator huber = r -> Math.abs(r) <= 0.5 ? 0.5 * r * r : 0.5 * (Math.abs(r) - 0.25);
    return cauchy.applyAsDouble(h[0] + h[1] * h[1] / 4 - t[0])
        + cauchy.applyAsDouble(Math.sin(h[1]) - h[0] * t[1] / 2)
        + cauchy.applyAsDouble(h[0] * h[1] / 2)
        + huber.applyAsDouble(h[0] - t[0])
        + huber.applyAsDouble(h[1] - t[1]);
  }

  private static double[][] curvature(double[] h, double[] t) {
    double[] r = {h[0] + h[1] * h[1] / 4 - t[0], Math.sin(h[1]) - h[0] * t[1] / 2, h[0] * h[1] / 2};
    double[][] J = {{1, h[1] / 2}, {-t[1] / 2, Math.cos(h[1])}, {h[1] / 2, h[0] / 2}};
    double[][] sum = Algebra.zeros(2, 2);
    for (int k = 0; k < 3; k++) {
      double w = 0.5 / (1 + r[k] * r[k] / 4);
      sum = Algebra.combine(1, sum, w, Algebra.outer(J[k], J[k]));
    }
    for (int j = 0; j < 2; j++) {
      sum[j][j] += Math.min(1, 0.5 / Math.abs(h[j] - t[j]));
    }
    return sum;
  }

  private static double[] moved(double[] h, int j, double by) {
    double[] moved = h.clone();
    moved[j] += by;
    return moved;
  }

  private static double[] at(double... values) {
    return values;
  }
}
