package dev.krongauss.curvature;

import static dev.krongauss.testing.Compare.bound;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.reference.Algebra;
import dev.krongauss.reference.ReferenceCurvature;
import dev.krongauss.reference.ReferenceLoss;
import dev.krongauss.testing.Compare;
import dev.krongauss.testing.DriverCalls;
import dev.krongauss.testing.Problem;
import dev.krongauss.testing.Problem.Setup;
import dev.krongauss.testing.Problem.Unit;
import dev.krongauss.testing.TestDevice;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Launches and memory of a batch's factors. Bounds as in FactorsTest. */
final class FactorCostTest {
  private static final double C = 2;
  private static final int MIB = 1 << 20;

  /** Loss, and the kernels of its mean Hessian: softmax takes probabilities, Gram and diagonal. */
  static Stream<Arguments> losses() {
    return Stream.of(
        Arguments.of(ReferenceLoss.SQUARED, 1),
        Arguments.of(ReferenceLoss.BERNOULLI, 1),
        Arguments.of(ReferenceLoss.SOFTMAX, 3));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("losses")
  void kfraTakesOneGramLaunchOneRecursionAndOneAverage(ReferenceLoss loss, int hessian) {
    assertThat(launches(loss, Method.KFRA, Operations.Mode.KERNELS, FactorsFixture.AMPLE))
        .isEqualTo(1 + hessian(loss, hessian) + 1 + 1);
  }

  @Test
  void kflrTakesOneLaunchForAllQAndTwoALayerAndChunk() {
    int layers = 4;
    int two = 2 * 2 * 4 * 3 * 32; // datapoints, sides, bytes, K, padded width
    for (int chunks : new int[] {1, 4}) {
      long budget = chunks == 1 ? FactorsFixture.AMPLE : two;
      assertThat(launches(ReferenceLoss.SOFTMAX, Method.KFLR, Operations.Mode.KERNELS, budget))
          .isEqualTo(1 + chunks * (1 + layers + layers - 1));
    }
  }

  @Test
  void librariesTakeOneAverageForAllG() {
    Operations.Mode mode = Problem.modes().get(1);
    assumeTrue(mode == Operations.Mode.LIBRARIES, "libraries");
    int layers = 4;
    // An average for each Q; the mean Hessian; a product with the moment for each step down; G.
    assertThat(launches(ReferenceLoss.SQUARED, Method.KFRA, mode, FactorsFixture.AMPLE))
        .isEqualTo(layers + 1 + (layers - 1) + 1);
    assertThat(launches(ReferenceLoss.SQUARED, Method.KFLR, mode, FactorsFixture.AMPLE))
        .isEqualTo(layers + 1 + (layers - 1) + 1);
  }

  private static long hessian(ReferenceLoss loss, int kernels) {
    // The loss asks Operations.of for its Gram matrix, which may go to a library.
    boolean library = Operations.of(TestDevice.get()).toString().contains("cuBLAS");
    return loss == ReferenceLoss.SOFTMAX && library ? kernels - 1 : kernels;
  }

  /** Of the second batch, for which nothing is allocated. */
  private static long launches(
      ReferenceLoss loss, Method method, Operations.Mode mode, long budget) {
    assumeTrue(DriverCalls.counted(TestDevice.get()), "only SoftCUDA counts");
    Setup setup = new Setup(loss, Unit.TANH, 7, 41, 5, 6, 7, 4, 3);
    try (Problem problem = setup.open(mode);
        FactorsFixture fixture =
            new FactorsFixture(problem.network(), problem.loss(), mode, method, 0.9f, budget, 1)) {
      fixture.enter(problem.batch(), 1);
      return fixture.launches(problem.batch(), 2);
    }
  }

  @Test
  void kflrOfWideLayersStaysWithinItsBudget() {
    // 82 MB of C at once otherwise. The kernels take minutes in software for this size.
    Operations.Mode mode =
        Boolean.getBoolean("krongauss.long") ? Operations.Mode.KERNELS : Problem.modes().get(1);
    assumeTrue(
        mode != Operations.Mode.AUTO,
        "a size for libraries, which did not load, or for -Dkrongauss.long=true");
    Setup setup = new Setup(ReferenceLoss.SOFTMAX, Unit.TANH, 1000, 42, 16, 1000, 1000, 10);
    long budget = 16L * MIB;
    try (Problem problem = setup.open(mode);
        FactorsFixture whole = kflr(problem, mode, 256L * MIB);
        FactorsFixture chunked = kflr(problem, mode, budget)) {
      whole.enter(problem.batch(), 1);
      chunked.enter(problem.batch(), 1);
      assertThat(whole.chunk()).isEqualTo(1000);
      assertThat(whole.bytes()).isGreaterThan(80 * 1000 * 1000);
      assertThat(chunked.bytes()).isBetween(budget * 9 / 10, budget);
      for (int l = 0; l < whole.layers(); l++) {
        float[] G = whole.G(l);
        double[][] wanted = Algebra.matrix(G, (int) Math.sqrt(G.length), (int) Math.sqrt(G.length));
        compare("G" + l + " in chunks", setup, wanted, chunked.G(l));
      }
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("dev.krongauss.testing.Setups#modes")
  void kflrOf784OutputsWorks(Operations.Mode mode) {
    Setup setup = new Setup(ReferenceLoss.BERNOULLI, Unit.TANH, 2, 43, 4, 9, 784);
    long budget = 6L * MIB; // 4.8 MiB a datapoint
    try (Problem problem = setup.open(mode);
        FactorsFixture fixture = kflr(problem, mode, budget)) {
      fixture.enter(problem.batch(), 1);
      assertThat(fixture.chunk()).isEqualTo(1);
      assertThat(fixture.bytes()).isLessThanOrEqualTo(budget);
      ReferenceCurvature reference =
          new ReferenceCurvature(problem.reference(), problem.X(), problem.referenceLoss());
      for (int l = 0; l < fixture.layers(); l++) {
        compare("G" + l, setup, reference.kflr(l), fixture.G(l));
      }
    }
  }

  private static FactorsFixture kflr(Problem problem, Operations.Mode mode, long budget) {
    return new FactorsFixture(
        problem.network(), problem.loss(), mode, Method.KFLR, 0.9f, budget, 1);
  }

  private static void compare(String what, Setup setup, double[][] wanted, float[] got) {
    Compare.lower(what, setup.seed(), wanted, got, bound(C, setup.path(), Algebra.largest(wanted)));
  }
}
