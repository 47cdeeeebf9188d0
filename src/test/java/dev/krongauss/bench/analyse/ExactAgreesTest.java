package dev.krongauss.bench.analyse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.curvature.ExactSpace;
import dev.krongauss.curvature.ExactSystem;
import dev.krongauss.curvature.GaussNewtonProduct;
import dev.krongauss.device.Matrix;
import dev.krongauss.net.Activation;
import dev.krongauss.testing.TestDevice;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The exact step of {@link Alignment} from the factorised matrix, itself held to a dense solve in
 * double by the tests of the optimiser, and from conjugate gradients, which share nothing with it
 * but the passes.
 */
class ExactAgreesTest {
  private static final double L2 = 1e-3;
  private static final double DAMPING = 1e-2 + L2;

  /** Both tolerances together, and as much again for the roundings of single precision. */
  private static final double AGREEMENT = 1e-4;

  /** 5-4-3 has 39 weights. */
  @ParameterizedTest
  @CsvSource({
    "REAL,7,SAMPLE",
    "BITS,7,SAMPLE",
    "CLASSES,7,SAMPLE",
    "REAL,40,PARAMETER",
    "BITS,40,PARAMETER",
    "CLASSES,40,PARAMETER"
  })
  void bothSolversGiveTheSameStep(Small.Targets targets, int N, ExactSpace space) {
    solved(
        targets,
        N,
        Long.MAX_VALUE,
        given -> {
          assertThat(given.step.fits()).isTrue();
          assertThat(given.step.size().space()).isEqualTo(space);
          assertThat(given.step.size().rows()).isEqualTo(Math.min(39, 3 * N));
          assertThat(given.found.factorised()).isTrue();
          assertThat(given.found.error()).isLessThan(2 * ExactSystem.TOLERANCE);
          assertThat(given.found.iteration().error())
              .isLessThanOrEqualTo(ConjugateGradients.TOLERANCE);
          assertThat(given.found.difference()).isLessThan(AGREEMENT);
          assertThat(given.solver.alpha(given.exact, given.g)).isBetween(0.9999, 1.0001);
        });
  }

  /** What it would be taken for if the two did not solve the same system. */
  @Test
  void anotherDampingIsAnotherStep() {
    solved(
        Small.Targets.BITS,
        40,
        Long.MAX_VALUE,
        given -> {
          List<Matrix> other = given.subject.like("step of another damping");
          ConjugateGradients more =
              new ConjugateGradients(given.subject, given.product, (float) (1.01 * DAMPING));
          more.solve(given.g, other);
          assertThat(given.solver.difference(other, given.exact)).isGreaterThan(5 * AGREEMENT);
        });
  }

  @Test
  void overTheBudgetItIsConjugateGradients() {
    solved(
        Small.Targets.BITS,
        40,
        Long.MAX_VALUE,
        within -> {
          long bytes = within.step.size().bytes();
          solved(Small.Targets.BITS, 40, bytes, just -> assertThat(just.step.fits()).isTrue());
          solved(
              Small.Targets.BITS,
              40,
              bytes - 1,
              over -> {
                assertThat(over.step.fits()).isFalse();
                assertThat(over.found.factorised()).isFalse();
                assertThat(over.found.difference()).isNaN();
                assertThat(over.found.error()).isEqualTo(over.found.iteration().error());
                // another network of the same weights, so that one's step can be held by the other
                assertThat(within.solver.difference(over.exact, within.exact))
                    .isLessThan(AGREEMENT);
              });
        });
  }

  @Test
  void theObjectiveIsAskedForWithoutATrace() {
    solved(
        Small.Targets.CLASSES,
        7,
        0,
        given -> {
          float[][] weights = given.subject.network.weights();
          double norm2 = 0;
          for (float[] layer : weights) {
            for (float w : layer) {
              norm2 += (double) w * w;
            }
          }
          double here = given.subject.loss() + L2 / 2 * norm2;
          assertThat(given.subject.objective(L2, 0, given.exact)).isEqualTo(here);
          double behind = given.subject.objective(L2, 1e-3, given.exact);
          double slope = given.subject.dot(given.exact, given.g);
          assertThat((behind - here) / 1e-3).isBetween(1.1 * slope, 0.9 * slope);
          assertThat(given.subject.network.weights()).isDeepEqualTo(weights);
          assertThat(given.subject.objective(L2, 0, given.exact)).isEqualTo(here);
        });
  }

  /** A batch with its exact step. */
  private record Given(
      Subject subject,
      GaussNewtonProduct product,
      ConjugateGradients solver,
      ExactStep step,
      List<Matrix> g,
      List<Matrix> exact,
      ExactStep.Found found) {}

  private static void solved(Small.Targets targets, int N, long budget, Consumer<Given> check) {
    try (Small small =
            new Small(TestDevice.get(), Activation.TANH, targets.loss(), targets, N, 3, 5, 4, 3);
        GaussNewtonProduct product =
            new GaussNewtonProduct(small.subject.network, small.subject.loss)) {
      Subject subject = small.subject;
      List<Matrix> g = subject.like("gradient");
      List<Matrix> exact = subject.like("exact step");
      subject.gradient(L2, g);
      product.at(subject.h(), subject.targets(), subject.s);
      ConjugateGradients solver = new ConjugateGradients(subject, product, (float) DAMPING);
      ExactStep step = new ExactStep(subject, N, L2, DAMPING, budget);
      ExactStep.Found found = step.find(solver, g, exact);
      check.accept(new Given(subject, product, solver, step, g, exact, found));
    }
  }
}
