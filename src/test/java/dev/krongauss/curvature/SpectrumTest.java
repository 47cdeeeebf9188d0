package dev.krongauss.curvature;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.curvature.CurvatureBlocks.Kind;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.reference.Algebra;
import dev.krongauss.reference.Eigen;
import dev.krongauss.reference.ReferenceLoss;
import dev.krongauss.testing.Problem.Setup;
import dev.krongauss.testing.Problem.Unit;
import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Signs and numbers of eigenvalues of exact curvature. An eigenvalue is right to the matrix' error
 * in the row-sum norm (Weyl): the bound of an element times the rows.
 */
final class SpectrumTest {
  private static final Operations.Mode MODE = Operations.Mode.KERNELS;
  private static final int[] SIZES = {3, 5, 4, 3};

  static Stream<Arguments> cases() {
    return Arrays.stream(Unit.values())
        .flatMap(u -> Arrays.stream(ReferenceLoss.values()).map(l -> Arguments.of(u, l)));
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("cases")
  void gaussNewtonBlocksArePositiveSemidefinite(Unit unit, ReferenceLoss loss) {
    try (SecondOrderFixture fixture =
        new SecondOrderFixture(new Setup(loss, unit, 5, 100, SIZES), MODE)) {
      CurvatureBlocks blocks = fixture.blocks();
      for (int l = 0; l < fixture.layers(); l++) {
        assertThat(smallest(fixture, blocks, Kind.GAUSS_NEWTON, l))
            .isGreaterThanOrEqualTo(-tolerance(fixture, Kind.GAUSS_NEWTON, l));
      }
    }
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("cases")
  void forPiecewiseLinearUnitsSoAreHessianBlocks(Unit unit, ReferenceLoss loss) {
    // The control: with targets far away the others have negative curvature in a hidden layer.
    try (SecondOrderFixture fixture =
        new SecondOrderFixture(new Setup(loss, unit, 5, 101, SIZES), MODE)) {
      CurvatureBlocks blocks = fixture.blocks();
      double least = Double.POSITIVE_INFINITY;
      for (int l = 0; l < fixture.layers(); l++) {
        double smallest = smallest(fixture, blocks, Kind.HESSIAN, l);
        double tolerance = tolerance(fixture, Kind.HESSIAN, l);
        least = Math.min(least, smallest / tolerance);
      }
      if (BlockTheoremTest.piecewiseLinear(unit)) {
        assertThat(least).isGreaterThanOrEqualTo(-1);
      } else {
        assertThat(least).isLessThan(-1);
      }
    }
  }

  static Stream<Arguments> piecewiseLinear() {
    return cases().filter(c -> BlockTheoremTest.piecewiseLinear((Unit) c.get()[0]));
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("piecewiseLinear")
  void forPiecewiseLinearUnitsNoDirectionWithinALayerHasNegativeCurvature(
      Unit unit, ReferenceLoss loss) {
    // Across layers there are such directions even for them, which shows that the product is not
    // Gauss-Newton's.
    try (SecondOrderFixture fixture =
        new SecondOrderFixture(new Setup(loss, unit, 5, 102, SIZES), MODE)) {
      CurvatureProduct product = fixture.product(Kind.HESSIAN);
      int negative = 0;
      for (int k = 0; k < 40; k++) {
        double[][][] all = fixture.direction(200 + k);
        for (int l = 0; k < 10 && l < fixture.layers(); l++) {
          double[][][] D = SecondOrderFixture.only(all, l);
          double quadratic = Algebra.dot(D[l], fixture.apply(product, D, 0)[l]);
          double terms = D[l].length * D[l][0].length; // each component is below 1
          double bound = terms * fixture.productBound(Kind.HESSIAN, D)[l];
          assertThat(quadratic).as("layer " + l).isGreaterThanOrEqualTo(-bound);
        }
        double[][][] moved = fixture.apply(product, all, 0);
        double[] bounds = fixture.productBound(Kind.HESSIAN, all);
        double quadratic = 0;
        double bound = 0;
        for (int l = 0; l < moved.length; l++) {
          quadratic += Algebra.dot(all[l], moved[l]);
          bound += all[l].length * all[l][0].length * bounds[l];
        }
        negative += quadratic < -bound ? 1 : 0;
      }
      assertThat(negative).as("directions of negative curvature across layers").isPositive();
    }
  }

  /** Rank of H_L of one datapoint. */
  private static int rankOfOutput(ReferenceLoss loss, int outputs) {
    return loss == ReferenceLoss.SOFTMAX ? outputs - 1 : outputs;
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("cases")
  void theRankOfABlockIsAtMostThatOfTheOutputsCurvatureOfAllDatapoints(
      Unit unit, ReferenceLoss loss) {
    int N = 2;
    int K = 3;
    try (SecondOrderFixture fixture =
        new SecondOrderFixture(new Setup(loss, unit, N, 103, 4, 5, 4, K), MODE)) {
      CurvatureBlocks blocks = fixture.blocks();
      int most = N * rankOfOutput(loss, K);
      assertThat(most).isLessThanOrEqualTo(N * K);
      for (int l = 0; l < fixture.layers(); l++) {
        double[][] block = fixture.download(blocks.gaussNewtonBlock(l));
        double tolerance = tolerance(fixture, Kind.GAUSS_NEWTON, l);
        assertThat(Eigen.rank(block, tolerance)).isBetween(1, most).isLessThan(block.length);
        double[][] exact = fixture.referenceBlock(Kind.GAUSS_NEWTON, l);
        int rank = Eigen.rank(exact, 1e-12 * Algebra.largest(exact));
        if (unit == Unit.RELU) { // units that are off take directions away
          assertThat(rank).isLessThanOrEqualTo(most);
        } else {
          assertThat(rank).as("the bound is met").isEqualTo(most);
        }
      }
    }
  }

  @Test
  void aUnitOfSlopeZeroLowersTheRankGoingBackAndALeakyOneDoesNot() {
    // One datapoint, three outputs, five hidden units: the rank of 𝒢 is the number of units that
    // are on, or that of the outputs, whichever is less.
    int outputs = 3;
    int lowered = 0;
    for (long seed = 110; seed < 120; seed++) {
      Setup relu = new Setup(ReferenceLoss.SQUARED, Unit.RELU, 1, seed, 3, 5, outputs);
      Setup leaky = new Setup(ReferenceLoss.SQUARED, Unit.LEAKY_RELU, 1, seed, 3, 5, outputs);
      try (SecondOrderFixture off = new SecondOrderFixture(relu, MODE);
          SecondOrderFixture on = new SecondOrderFixture(leaky, MODE)) {
        double[] slopes = off.problem.reference().forward(off.problem.X()[0]).derivative()[0];
        int active = (int) Arrays.stream(slopes).filter(b -> b != 0).count();
        int rank = Math.min(active, outputs);
        double[] ofRelu = spectrum(off);
        IntStream.range(rank, ofRelu.length)
            .forEach(i -> assertThat(ofRelu[i]).isLessThanOrEqualTo(meanTolerance(off)));
        if (rank > 0) {
          assertThat(ofRelu[rank - 1]).isGreaterThan(meanTolerance(off));
        }
        double[] ofLeaky = spectrum(on);
        assertThat(ofLeaky[outputs - 1]).isGreaterThan(meanTolerance(on));
        assertThat(ofLeaky[outputs]).isLessThanOrEqualTo(meanTolerance(on));
        lowered += rank < outputs ? 1 : 0;
      }
    }
    assertThat(lowered).as("networks with fewer units on than outputs").isPositive();
  }

  private static double[] spectrum(SecondOrderFixture fixture) {
    return Eigen.values(fixture.download(fixture.blocks().mean(Kind.GAUSS_NEWTON, 0)));
  }

  private static double meanTolerance(SecondOrderFixture fixture) {
    return 5 * fixture.meanBound(Kind.GAUSS_NEWTON, 0);
  }

  private static double smallest(
      SecondOrderFixture fixture, CurvatureBlocks blocks, Kind kind, int layer) {
    double[] values = Eigen.values(fixture.download(blocks.block(kind, layer)));
    return values[values.length - 1];
  }

  private static double tolerance(SecondOrderFixture fixture, Kind kind, int layer) {
    return fixture.referenceBlock(kind, layer).length * fixture.blockBound(kind, layer);
  }
}
