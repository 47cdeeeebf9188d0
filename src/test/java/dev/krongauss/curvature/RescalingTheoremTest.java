package dev.krongauss.curvature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.krongauss.curvature.CurvatureBlocks.Kind;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.reference.Algebra;
import dev.krongauss.reference.ReferenceCurvature;
import dev.krongauss.reference.ReferenceLoss;
import dev.krongauss.testing.Problem.Setup;
import dev.krongauss.testing.Problem.Unit;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What exact curvature says about the approximations: the step along a block-diagonal direction,
 * and how fast sampled factors come near.
 */
final class RescalingTheoremTest {
  private static final Operations.Mode MODE = Operations.Mode.KERNELS;

  static Stream<Arguments> cases() {
    return Arrays.stream(ReferenceLoss.values())
        .flatMap(
            loss ->
                Stream.of(new int[] {4, 3}, new int[] {4, 5, 3}, new int[] {3, 5, 4, 4, 2})
                    .map(sizes -> Arguments.of(loss, sizes)));
  }

  /**
   * With C the Gauss-Newton matrix, C_l its blocks and Δ_l = −(C_l + λI)⁻¹ g_l: by Cauchy-Schwarz
   * ΔᵀCΔ ≤ L Σ Δ_lᵀ C_l Δ_l, so α* = −⟨Δ,g⟩ / (ΔᵀCΔ + λ‖Δ‖²) ≥ 1/L; of one layer it is 1.
   */
  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("cases")
  void withExactBlocksTheStepIsAtLeastOneOverTheLayers(ReferenceLoss loss, int[] sizes) {
    double lambda = 0.0625;
    try (SecondOrderFixture fixture =
        new SecondOrderFixture(new Setup(loss, Unit.TANH, 9, 120, sizes), MODE)) {
      int L = fixture.layers();
      CurvatureBlocks blocks = fixture.blocks();
      double[][][] g =
          fixture.problem.reference().gradient(fixture.problem.X(), fixture.problem.T(), loss);
      double[][][] delta = new double[L][][];
      for (int l = 0; l < L; l++) {
        double[][] block = fixture.download(blocks.gaussNewtonBlock(l));
        double[][] damped = Algebra.combine(1, block, lambda, Algebra.identity(block.length));
        double[] v = Algebra.multiply(Algebra.inverse(damped), SecondOrderFixture.vec(g[l]));
        delta[l] = Algebra.zeros(g[l].length, g[l][0].length);
        for (int p = 0; p < v.length; p++) {
          delta[l][p % g[l].length][p / g[l].length] = (float) -v[p];
        }
      }
      double[][][] curved = fixture.apply(fixture.product(Kind.GAUSS_NEWTON), delta, lambda);
      double slope = 0;
      double q = 0;
      double error = 0;
      double[] bounds = fixture.productBound(Kind.GAUSS_NEWTON, delta);
      for (int l = 0; l < L; l++) {
        slope += Algebra.dot(delta[l], g[l]);
        q += Algebra.dot(delta[l], curved[l]);
        double size = Arrays.stream(SecondOrderFixture.vec(delta[l])).map(Math::abs).sum();
        error += size * bounds[l]; // of the product
        // of the block, whose inverse the direction was made with
        error += size * size * fixture.blockBound(Kind.GAUSS_NEWTON, l);
      }
      double alpha = -slope / q;
      assertThat(error / q).as("relative error").isLessThan(0.02);
      assertThat(alpha).isGreaterThanOrEqualTo((1 - error / q) / L);
      if (L == 1) {
        assertThat(alpha).isCloseTo(1, within(error / q));
      }
    }
  }

  /**
   * The mean of S independent draws has the squared error σ²/S: over S = 1, 4, 16, 64 its logarithm
   * falls by log 4 each time. Of 16 sequences the mean square is known to a factor 1 ± √(2/16) at
   * worst, which over a range of log 64 is a slope of ±0.12 of the root; three times that is
   * allowed.
   */
  @ParameterizedTest
  @EnumSource
  void theErrorOfKfacFallsWithTheRootOfTheDraws(ReferenceLoss loss) {
    int sequences = 16;
    int[] draws = {1, 4, 16, 64};
    Setup setup = new Setup(loss, Unit.TANH, 4, 121, 3, 4, 3);
    try (SecondOrderFixture fixture = new SecondOrderFixture(setup, MODE)) {
      double[][] exact =
          new ReferenceCurvature(fixture.problem.reference(), fixture.problem.X(), loss).kflr(0);
      double[] squares = new double[draws.length];
      for (int seed = 0; seed < sequences; seed++) {
        try (FactorsFixture kfac = kfac(fixture, seed)) {
          double[] sum = new double[exact.length * exact.length];
          int taken = 0;
          for (int k = 0; k < draws.length; k++) {
            for (; taken < draws[k]; taken++) {
              kfac.enter(fixture.problem.batch(), taken + 1);
              float[] G = kfac.G(0);
              for (int i = 0; i < sum.length; i++) {
                sum[i] += G[i];
              }
            }
            squares[k] += squaredError(exact, sum, taken) / sequences;
          }
        }
      }
      assertThat(slope(draws, squares) / 2).isCloseTo(-0.5, within(0.36));
      assertThat(squares[3]).isLessThan(squares[0] / 16); // in expectation 64
    }
  }

  private static FactorsFixture kfac(SecondOrderFixture fixture, long seed) {
    return new FactorsFixture(
        fixture.problem.network(),
        fixture.problem.loss(),
        MODE,
        Method.KFAC,
        0,
        FactorsFixture.AMPLE,
        seed);
  }

  /** Of the lower triangle. */
  private static double squaredError(double[][] exact, double[] sum, int draws) {
    double square = 0;
    for (int i = 0; i < exact.length; i++) {
      for (int j = 0; j <= i; j++) {
        double error = sum[i * exact.length + j] / draws - exact[i][j];
        square += error * error;
      }
    }
    return square;
  }

  /** Least-squares slope of log y over log x. */
  private static double slope(int[] x, double[] y) {
    double meanX = Arrays.stream(x).mapToDouble(Math::log).average().orElseThrow();
    double meanY = Arrays.stream(y).map(Math::log).average().orElseThrow();
    double above = 0;
    double below = 0;
    for (int k = 0; k < x.length; k++) {
      above += (Math.log(x[k]) - meanX) * (Math.log(y[k]) - meanY);
      below += Math.pow(Math.log(x[k]) - meanX, 2);
    }
    return above / below;
  }
}
