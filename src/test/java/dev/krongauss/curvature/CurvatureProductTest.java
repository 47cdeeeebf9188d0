package dev.krongauss.curvature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krongauss.curvature.CurvatureBlocks.Kind;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.model.Batch;
import dev.krongauss.model.LayerTrace;
import dev.krongauss.model.Model;
import dev.krongauss.reference.Algebra;
import dev.krongauss.reference.ReferenceLoss;
import dev.krongauss.reference.ReferenceSecondOrder;
import dev.krongauss.testing.Compare;
import dev.krongauss.testing.DeviceBatch;
import dev.krongauss.testing.HostLoss;
import dev.krongauss.testing.Problem;
import dev.krongauss.testing.Problem.Setup;
import dev.krongauss.testing.Problem.Unit;
import dev.krongauss.testing.Setups;
import dev.krongauss.testing.TestDevice;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Products with the exact Gauss-Newton matrix and Hessian against the reference. */
final class CurvatureProductTest {
  static Stream<Arguments> cases() {
    return Setups.inModes(networks())
        .flatMap(c -> Stream.of(Kind.values()).map(k -> Arguments.of(c.get()[0], c.get()[1], k)));
  }

  /** Every setup, every unit with every loss at depth 4, and one datapoint. */
  private static List<Setup> networks() {
    List<Setup> setups = new ArrayList<>(Setups.all());
    for (Unit unit : Unit.values()) {
      for (ReferenceLoss loss : ReferenceLoss.values()) {
        setups.add(new Setup(loss, unit, 7, 40 + unit.ordinal(), 4, 6, 5, 3, 2));
      }
      ReferenceLoss loss = ReferenceLoss.values()[unit.ordinal() % 3];
      setups.add(new Setup(loss, unit, 1, 50 + unit.ordinal(), 2, 3, 1));
    }
    return setups;
  }

  @ParameterizedTest(name = "{0} {1} {2}")
  @MethodSource("cases")
  void productsMatchTheirDefinitions(Setup setup, Operations.Mode mode, Kind kind) {
    try (SecondOrderFixture fixture = new SecondOrderFixture(setup, mode)) {
      CurvatureProduct product = fixture.product(kind);
      for (double damping : new double[] {0, 0.25}) {
        double[][][] D = fixture.direction(setup.seed() + 1);
        double[][][] wanted = fixture.referenceProduct(kind, D);
        double[][][] got = fixture.apply(product, D, damping);
        double[] bound = fixture.productBound(kind, D);
        for (int l = 0; l < got.length; l++) {
          double[][] damped = Algebra.combine(1, wanted[l], damping, D[l]);
          Compare.matrix(
              "layer " + l + " with damping " + damping,
              setup.seed(),
              damped,
              DeviceBatch.compact(got[l]),
              bound[l] + damping * 4 * Compare.EPSILON);
        }
      }
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("dev.krongauss.testing.Setups#modes")
  void aSmallerBatchAndOtherWeightsAreTakenFromTheNextForwardPass(Operations.Mode mode) {
    Setup setup = new Setup(ReferenceLoss.SOFTMAX, Unit.TANH, 9, 61, 3, 5, 4);
    for (Kind kind : Kind.values()) {
      try (SecondOrderFixture fixture = new SecondOrderFixture(setup, mode)) {
        Problem problem = fixture.problem;
        CurvatureProduct product = fixture.product(kind);
        double[][][] drawn = problem.draw(4, 62);
        try (DeviceBatch batch = DeviceBatch.foreign(TestDevice.get(), drawn[0], drawn[1])) {
          Matrix h = problem.network().forward(batch, fixture.s);
          product.at(h, batch.targets(), fixture.s);
          double[][][] D = fixture.direction(63);
          double[][][] got = fixture.apply(product, D, 0);
          ReferenceSecondOrder reference =
              new ReferenceSecondOrder(
                  problem.reference(), drawn[0], drawn[1], problem.referenceLoss());
          double[][][] wanted =
              kind == Kind.HESSIAN ? reference.hessianProduct(D) : reference.gaussNewtonProduct(D);
          for (int l = 0; l < got.length; l++) {
            Compare.matrix(
                kind + " layer " + l,
                setup.seed(),
                wanted[l],
                DeviceBatch.compact(got[l]),
                Compare.bound(6, setup.path(), 20 * Algebra.largest(wanted[l])));
          }
        }
      }
    }
  }

  @Test
  void aLossWithoutProductsIsNamed() {
    Setup setup = new Setup(ReferenceLoss.SQUARED, Unit.TANH, 3, 64, 2, 3, 2);
    try (Problem problem = setup.open(Operations.Mode.KERNELS);
        GaussNewtonProduct product =
            new GaussNewtonProduct(problem.network(), new HostLoss(ReferenceLoss.SQUARED, 1))) {
      var s = TestDevice.get().stream();
      product.at(problem.network().forward(problem.batch(), s), problem.batch().targets(), s);
      List<Matrix> W = problem.network().parameters();
      assertThatThrownBy(() -> product.apply(W, 0, W, s))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("same memory");
      try (var arena = TestDevice.get().newArena("products")) {
        List<Matrix> out =
            W.stream().map(w -> arena.matrix(w.rows(), w.columns(), "product")).toList();
        assertThatThrownBy(() -> product.apply(W, 0, out, s))
            .isInstanceOf(UnsupportedOperationException.class)
            .hasMessageContaining("curvatureVector");
        assertThatThrownBy(() -> product.apply(W, Float.NaN, out, s))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("damping NaN");
        assertThatThrownBy(() -> product.apply(W.subList(0, 1), 0, out, s))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("1 directions");
      }
    }
  }

  @Test
  void aProductNeedsAPoint() {
    Setup setup = new Setup(ReferenceLoss.SQUARED, Unit.TANH, 3, 65, 2, 3, 2);
    long before = TestDevice.get().allocatedBytes();
    try (Problem problem = setup.open(Operations.Mode.KERNELS);
        HessianProduct product = new HessianProduct(problem.network(), problem.loss());
        var arena = TestDevice.get().newArena("products")) {
      var s = TestDevice.get().stream();
      List<Matrix> W = problem.network().parameters();
      List<Matrix> out =
          W.stream().map(w -> arena.matrix(w.rows(), w.columns(), "product")).toList();
      assertThatThrownBy(() -> product.apply(W, 0, out, s))
          .isInstanceOf(IllegalStateException.class);
      Matrix wrong = arena.matrix(3, 2, "output");
      assertThatThrownBy(() -> product.at(wrong, problem.batch().targets(), s))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("forward pass first");
      Matrix h = problem.network().forward(problem.batch(), s);
      assertThatThrownBy(() -> product.at(h, null, s))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("targets of 3 datapoints");
    }
    assertThat(TestDevice.get().allocatedBytes()).isEqualTo(before);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("dev.krongauss.testing.Setups#modes")
  void aModelOfOnesOwnNeedsSecondDerivativesForHiddenLayersOnly(Operations.Mode mode) {
    Setup deep = new Setup(ReferenceLoss.BERNOULLI, Unit.TANH, 3, 66, 2, 3, 2);
    try (SecondOrderFixture fixture = new SecondOrderFixture(deep, mode);
        HessianProduct hessian =
            new HessianProduct(new Plain(fixture.problem.network()), fixture.problem.loss());
        GaussNewtonProduct gaussNewton =
            new GaussNewtonProduct(new Plain(fixture.problem.network()), fixture.problem.loss())) {
      Matrix t = fixture.problem.batch().targets();
      assertThatThrownBy(() -> hessian.at(fixture.h, t, fixture.s))
          .isInstanceOf(UnsupportedOperationException.class)
          .hasMessageContaining("secondDerivative");
      gaussNewton.at(fixture.h, t, fixture.s);
      checked(fixture, Kind.GAUSS_NEWTON, gaussNewton);
    }
    Setup flat = new Setup(ReferenceLoss.BERNOULLI, Unit.TANH, 3, 67, 3, 2);
    try (SecondOrderFixture fixture = new SecondOrderFixture(flat, mode);
        HessianProduct hessian =
            new HessianProduct(new Plain(fixture.problem.network()), fixture.problem.loss())) {
      hessian.at(fixture.h, fixture.problem.batch().targets(), fixture.s);
      checked(fixture, Kind.HESSIAN, hessian);
    }
  }

  private static void checked(SecondOrderFixture fixture, Kind kind, CurvatureProduct product) {
    double[][][] D = fixture.direction(68);
    double[][][] wanted = fixture.referenceProduct(kind, D);
    double[][][] got = fixture.apply(product, D, 0);
    double[] bound = fixture.productBound(kind, D);
    for (int l = 0; l < got.length; l++) {
      Compare.matrix(kind + " layer " + l, 66, wanted[l], DeviceBatch.compact(got[l]), bound[l]);
    }
  }

  /** A network whose traces offer only what they must. */
  private record Plain(Model network) implements Model {
    @Override
    public Device device() {
      return network.device();
    }

    @Override
    public List<Matrix> parameters() {
      return network.parameters();
    }

    @Override
    public Matrix forward(Batch batch, dev.krongauss.device.Stream s) {
      return network.forward(batch, s);
    }

    @Override
    public List<LayerTrace> traces() {
      return network.traces().stream().<LayerTrace>map(PlainTrace::new).toList();
    }

    @Override
    public void backward(
        Matrix gradient, float l2, List<Matrix> gradients, dev.krongauss.device.Stream s) {
      network.backward(gradient, l2, gradients, s);
    }

    @Override
    public Matrix tangent(List<Matrix> direction, dev.krongauss.device.Stream s) {
      return network.tangent(direction, s);
    }
  }

  private record PlainTrace(LayerTrace trace) implements LayerTrace {
    @Override
    public Matrix input() {
      return trace.input();
    }

    @Override
    public Matrix weights() {
      return trace.weights();
    }

    @Override
    public Matrix derivative() {
      return trace.derivative();
    }
  }
}
