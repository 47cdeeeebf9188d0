package dev.krongauss.curvature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krongauss.curvature.CurvatureBlocks.Kind;
import dev.krongauss.device.Matrix;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.net.Network;
import dev.krongauss.reference.Algebra;
import dev.krongauss.reference.ReferenceLoss;
import dev.krongauss.testing.Compare;
import dev.krongauss.testing.DeviceBatch;
import dev.krongauss.testing.Problem.Setup;
import dev.krongauss.testing.Problem.Unit;
import dev.krongauss.testing.Setups;
import dev.krongauss.testing.TestDevice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Exact blocks, their means and the curvature of datapoints against the reference. */
final class CurvatureBlocksTest {
  static Stream<Arguments> cases() {
    return Setups.inModes(networks())
        .flatMap(c -> Stream.of(Kind.values()).map(k -> Arguments.of(c.get()[0], c.get()[1], k)));
  }

  /** Those of the setups whose blocks are small, and every unit at depth 4. */
  private static List<Setup> networks() {
    List<Setup> setups =
        new ArrayList<>(Setups.small().stream().filter(s -> s.datapoints() < 18).toList());
    for (Unit unit : Unit.values()) {
      ReferenceLoss loss = ReferenceLoss.values()[(unit.ordinal() + 1) % 3];
      setups.add(new Setup(loss, unit, 7, 70 + unit.ordinal(), 4, 6, 5, 3, 2));
    }
    setups.add(new Setup(ReferenceLoss.SOFTMAX, Unit.TANH, 3, 76, 2, 33, 3)); // beyond a tile
    return setups;
  }

  @ParameterizedTest(name = "{0} {1} {2}")
  @MethodSource("cases")
  void blocksMatchTheirDefinitions(Setup setup, Operations.Mode mode, Kind kind) {
    try (SecondOrderFixture fixture = new SecondOrderFixture(setup, mode)) {
      CurvatureBlocks blocks = fixture.blocks();
      for (int l = 0; l < fixture.layers(); l++) {
        String where = kind + " of layer " + l;
        compare(
            "block, " + where,
            setup,
            blocks.block(kind, l),
            fixture.s,
            fixture.referenceBlock(kind, l),
            fixture.blockBound(kind, l));
        compare(
            "mean, " + where,
            setup,
            blocks.mean(kind, l),
            fixture.s,
            fixture.referenceMean(kind, l),
            fixture.meanBound(kind, l));
        Matrix stack = blocks.ofDatapoints(kind, l);
        int d = stack.columns();
        for (int n = 0; n < setup.datapoints(); n++) {
          compare(
              where + " at datapoint " + n,
              setup,
              stack.rows(n * d, d),
              fixture.s,
              fixture.referenceOfDatapoint(kind, n, l),
              fixture.ofDatapointBound(kind, n, l));
        }
      }
    }
  }

  private static void compare(
      String what,
      Setup setup,
      Matrix got,
      dev.krongauss.device.Stream s,
      double[][] wanted,
      double bound) {
    float[] values = got.download(s);
    Compare.matrix(what, setup.seed(), wanted, values, bound);
    int d = got.rows();
    for (int i = 0; i < d; i++) {
      for (int j = 0; j < i; j++) {
        assertThat(values[i * d + j]).as(what + " is symmetric").isEqualTo(values[j * d + i]);
      }
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("dev.krongauss.testing.Setups#modes")
  void aSmallBudgetTakesMoreChunksAndGivesTheSame(Operations.Mode mode) {
    Setup setup = new Setup(ReferenceLoss.BERNOULLI, Unit.TANH, 17, 80, 3, 5, 4, 3);
    try (SecondOrderFixture fixture = new SecondOrderFixture(setup, mode)) {
      CurvatureBlocks ample = fixture.blocks();
      float[] wanted = ample.hessianBlock(0).download(fixture.s);
      long held = ample.bytes();
      // Beside block and backward pass, room for three datapoints, or for one.
      long ofDatapoint =
          PreActivationCurvature.bytesOfDatapoint(fixture.problem.network().traces(), 0);
      double[][] reference = fixture.referenceBlock(Kind.HESSIAN, 0);
      double bound = fixture.blockBound(Kind.HESSIAN, 0);
      for (long budget : new long[] {held + 4 * ofDatapoint - 1, held + ofDatapoint}) {
        float[] got = fixture.blocks(budget).hessianBlock(0).download(fixture.s);
        Compare.matrix("in chunks", 80, reference, got, bound);
        assertThat(Arrays.equals(got, wanted)).as("sums in one order").isFalse();
      }
      CurvatureBlocks full = fixture.blocks(held + ofDatapoint);
      full.hessianBlock(0);
      assertThatThrownBy(() -> full.hessianBlock(1))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("for earlier results");
      CurvatureBlocks tooSmall = fixture.blocks(held + ofDatapoint - 1);
      assertThatThrownBy(() -> tooSmall.hessianBlock(0))
          .isInstanceOf(IllegalArgumentException.class);
      assertThat(tooSmall.bytes()).isZero();
    }
  }

  @Test
  void aBlockTooLargeSaysWhatItNeeds() {
    Setup setup = new Setup(ReferenceLoss.SQUARED, Unit.TANH, 2, 81, 300, 200, 2);
    try (SecondOrderFixture fixture = new SecondOrderFixture(setup, Operations.Mode.KERNELS)) {
      CurvatureBlocks blocks = fixture.blocks();
      long before = TestDevice.get().allocatedBytes();
      assertThatThrownBy(() -> blocks.hessianBlock(0))
          .isInstanceOf(IllegalArgumentException.class)
          .message()
          .contains(
              "Hessian block of W [200][301] of layer 1",
              "[60200][60200]",
              "13.5 GiB", // 4 · 60200 · 60224 bytes
              "budget is 1.0 GiB",
              "HessianProduct");
      assertThatThrownBy(() -> blocks.gaussNewtonBlock(0))
          .message()
          .contains("Gauss-Newton block", "GaussNewtonProduct");
      assertThat(TestDevice.get().allocatedBytes()).isEqualTo(before);
      assertThatThrownBy(() -> blocks.gaussNewtonBlock(2))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("layer 2 of a network with layers 0 to 1");
    }
  }

  @Test
  void eachMatrixIsComputedOnceAndFreedWithItsOwner() {
    Setup setup = new Setup(ReferenceLoss.SOFTMAX, Unit.LOGISTIC, 5, 82, 3, 4, 3);
    long before = TestDevice.get().allocatedBytes();
    try (SecondOrderFixture fixture = new SecondOrderFixture(setup, Operations.Mode.KERNELS)) {
      CurvatureBlocks blocks = fixture.blocks();
      Matrix first = blocks.hessianBlock(1);
      long bytes = blocks.bytes();
      assertThat(blocks.hessianBlock(1)).isSameAs(first);
      assertThat(blocks.bytes()).isEqualTo(bytes);
    }
    assertThat(TestDevice.get().allocatedBytes()).isEqualTo(before);
  }

  @ParameterizedTest
  @EnumSource
  void eachKindTakesItsOwnProductOfTheLoss(Kind kind) {
    // One layer: its Gauss-Newton block, and with it the product, times the loss' factor.
    Setup setup = new Setup(ReferenceLoss.SQUARED, Unit.TANH, 5, 83, 3, 2);
    double factor = kind == Kind.HESSIAN ? TwoCurvatures.HESSIAN : TwoCurvatures.CURVATURE;
    try (SecondOrderFixture fixture = new SecondOrderFixture(setup, Operations.Mode.KERNELS)) {
      Network network = fixture.problem.network();
      Matrix t = fixture.problem.batch().targets();
      double[][] wanted = Algebra.scale(factor, fixture.referenceBlock(kind, 0));
      double bound = Math.abs(factor) * fixture.blockBound(kind, 0);
      double[][][] D = fixture.direction(84);
      double[][][] product = fixture.referenceProduct(kind, D);
      TwoCurvatures loss = new TwoCurvatures();
      try (CurvatureBlocks blocks = new CurvatureBlocks(network, loss, fixture.h, t, fixture.s);
          CurvatureProduct products =
              kind == Kind.HESSIAN
                  ? new HessianProduct(network, loss)
                  : new GaussNewtonProduct(network, loss)) {
        Compare.matrix("block", 83, wanted, blocks.block(kind, 0).download(fixture.s), bound);
        products.at(fixture.h, t, fixture.s);
        Compare.matrix(
            "product",
            83,
            Algebra.scale(factor, product[0]),
            DeviceBatch.compact(fixture.apply(products, D, 0)[0]),
            Math.abs(factor) * fixture.productBound(kind, D)[0]);
      }
    }
  }
}
