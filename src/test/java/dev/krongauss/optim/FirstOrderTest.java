package dev.krongauss.optim;

import static dev.krongauss.testing.Compare.bound;
import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.model.LossFunction;
import dev.krongauss.net.Network;
import dev.krongauss.reference.Algebra;
import dev.krongauss.reference.ReferenceFirstOrder;
import dev.krongauss.reference.ReferenceFirstOrder.Rule;
import dev.krongauss.reference.ReferenceNetwork;
import dev.krongauss.testing.Compare;
import dev.krongauss.testing.Problem;
import dev.krongauss.testing.Setups;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * SGD, momentum, Nesterov and Adam with a halved learning rate against the textbook recursions.
 *
 * <p>Before every step the reference takes the device's weights; velocity and moments are its own
 * throughout.
 */
final class FirstOrderTest {
  private static final double C = 4;
  private static final double RATE = 0x1p-6;
  private static final double MOMENTUM = 0.9;
  private static final int HALVE_EVERY = 3;
  private static final int STEPS = 8;

  static Stream<Arguments> cases() {
    return Setups.inModes(Setups.small())
        .flatMap(
            c -> Stream.of(Rule.values()).map(rule -> Arguments.of(c.get()[0], c.get()[1], rule)));
  }

  @ParameterizedTest(name = "{0} {1} {2}")
  @MethodSource("cases")
  void followsTheTextbook(Problem.Setup setup, Operations.Mode mode, Rule rule) {
    ReferenceFirstOrder reference =
        new ReferenceFirstOrder(rule, RATE, HALVE_EVERY, (float) MOMENTUM);
    try (Problem problem = setup.open(mode);
        Optimizer optimizer = optimizer(rule, problem.network(), problem.loss())) {
      assertThat(optimizer.name()).isEqualToIgnoringCase(rule.name());
      for (int t = 1; t <= STEPS; t++) {
        ReferenceNetwork before = problem.reference();
        StepReport report = optimizer.step(problem.batch());
        double[][][] g = before.gradient(problem.X(), problem.T(), problem.referenceLoss());
        double[][][] terms =
            before.gradientScale(problem.X(), problem.T(), problem.referenceLoss());
        double[][][] wanted = reference.step(before.weights(), g);
        assertThat(report.update()).isEqualTo(t);
        assertThat(report.accepted()).as(report::toString).isTrue();
        assertThat(report.alpha()).isEqualTo(RATE * Math.pow(0.5, (t - 1) / HALVE_EVERY));
        assertThat(report.lambda()).isNaN();
        assertThat(report.objective()).isEqualTo(report.loss());
        float[][] got = problem.network().weights();
        for (int l = 0; l < got.length; l++) {
          // The gradient's error, kept by velocity or moments for 1 / (1 - momentum) steps, and the
          // update's own rounding.
          double gradient = bound(C, setup.path(), Algebra.largest(terms[l]) / (1 - MOMENTUM));
          double own =
              bound(1, 1, Algebra.largest(wanted[l])) + 16 * Compare.EPSILON * reference.rate();
          int layer = l;
          Compare.Bound bound =
              rule == Rule.ADAM
                  ? (i, j) -> own + adamBound(reference, layer, i, j, gradient)
                  : (i, j) -> own + reference.rate() * gradient;
          Compare.matrix(
              rule + " W" + l + " after step " + t, setup.seed(), wanted[l], got[l], bound);
        }
      }
    }
  }

  /**
   * An error of the gradient is divided by √v̂; where that is smaller than the error, only the
   * step's size bounds it.
   */
  private static double adamBound(
      ReferenceFirstOrder reference, int layer, int i, int j, double gradient) {
    double divided = 2 * gradient / (reference.root(layer, i, j) + 1e-8);
    return reference.rate() * Math.min(divided, 4);
  }

  private static Optimizer optimizer(Rule rule, Network network, LossFunction loss) {
    Sgd.Builder sgd = Sgd.builder().learningRate(RATE).halveEvery(HALVE_EVERY);
    return switch (rule) {
      case SGD -> sgd.build(network, loss);
      case MOMENTUM -> sgd.momentum(MOMENTUM).build(network, loss);
      case NESTEROV -> sgd.momentum(MOMENTUM).nesterov(true).build(network, loss);
      case ADAM -> Adam.builder().learningRate(RATE).halveEvery(HALVE_EVERY).build(network, loss);
    };
  }
}
