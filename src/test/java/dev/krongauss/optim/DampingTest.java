package dev.krongauss.optim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.curvature.Method;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.testing.DeviceBatch;
import dev.krongauss.testing.Problem;
import dev.krongauss.testing.Setups;
import dev.krongauss.testing.TestDevice;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The damping ladder within an update, and the rule of γ. */
final class DampingTest {
  /** Softmax: the last layer's G is singular, so that a γ below its rounding error fails. */
  private static final Problem.Setup SINGULAR = Setups.all().get(4);

  private static final int[] GAMMA_EVERY = {2, 3};

  /** What a run of updates leaves behind. */
  private record Run(float[][] weights, StepReport last) {}

  @Test
  void aRungIsTheUpdateThatItsGammaWouldHaveMade() {
    Set<Integer> rungs = new TreeSet<>();
    for (float gamma = 1e-11f; gamma < 1e-3f; gamma *= 10) {
      Run run = constant(Operations.Mode.KERNELS, gamma, 3);
      int rung = run.last().rung();
      if (!run.last().accepted()) {
        assertThat(rung).as(run.last()::toString).isEqualTo(2);
        rungs.add(3);
        continue;
      }
      rungs.add(rung);
      float used = gamma * (float) Math.pow(10, rung);
      assertThat((float) run.last().gamma()).isEqualTo(used);
      assertThat(run.last().toString().contains("(rung " + (rung + 1) + ")")).isEqualTo(rung > 0);
      Run direct = constant(Operations.Mode.KERNELS, used, 3);
      assertThat(direct.last().rung()).isZero();
      assertThat(direct.weights()).isDeepEqualTo(run.weights());
    }
    assertThat(rungs).as("rungs seen, 3 for none that held").contains(0, 1, 2, 3);
  }

  @ParameterizedTest
  @MethodSource("dev.krongauss.testing.Setups#modes")
  void aGammaBelowRoundingClimbs(Operations.Mode mode) {
    int climbed = 0;
    for (float gamma = 1e-11f; gamma < 1e-3f; gamma *= 10) {
      StepReport report = constant(mode, gamma, 3).last();
      if (report.accepted() && report.rung() > 0) {
        climbed++;
        assertThat((float) report.gamma()).isEqualTo(gamma * (float) Math.pow(10, report.rung()));
        assertThat(report.predictedChange()).isNegative();
        assertThat(report.problem()).isEmpty();
      }
    }
    assertThat(climbed).isGreaterThanOrEqualTo(2);
  }

  @ParameterizedTest
  @MethodSource("dev.krongauss.testing.Setups#modes")
  void anUpdateWhoseRungsAllFailIsRejectedAndTheNextOneRecovers(Operations.Mode mode) {
    for (boolean adapts : new boolean[] {false, true}) {
      try (Problem problem = Setups.all().get(3).open(mode);
          DeviceBatch bad = spoilt(problem);
          GaussNewton optimizer =
              GaussNewton.kfra()
                  .operations(mode)
                  .refreshEvery(1)
                  .scalarStep()
                  .adaptGamma(adapts)
                  .gammaEvery(2)
                  .build(problem.network(), problem.loss())) {
        for (int k = 0; k < 2; k++) {
          StepReport good = optimizer.step(problem.batch());
          assertThat(good.accepted()).as(good::toString).isTrue();
          assertThat(good.rung()).isZero();
          float[][] before = problem.network().weights();
          StepReport report = optimizer.step(bad); // once on a rung, once with three candidates
          assertThat(report.accepted()).isFalse();
          assertThat(report.lambda()).isGreaterThan(good.lambda());
          assertThat(report.problem())
              .contains("factor Q of layer 1 is not positive definite at column 1 even with gamma");
          assertThat(problem.network().weights()).isDeepEqualTo(before);
        }
        StepReport next = optimizer.step(problem.batch());
        assertThat(next.accepted()).as(next::toString).isTrue();
        assertThat(next.rung()).isZero();
      }
    }
  }

  @Test
  void theLastRungIsNamedWhereAllFail() {
    try (Problem problem = Setups.all().get(3).open(Operations.Mode.KERNELS);
        DeviceBatch bad = spoilt(problem);
        GaussNewton optimizer =
            GaussNewton.kfra()
                .operations(Operations.Mode.KERNELS)
                .gamma(0.03)
                .build(problem.network(), problem.loss())) {
      StepReport report = optimizer.step(bad);
      assertThat(report.rung()).isEqualTo(2);
      assertThat((float) report.gamma()).isEqualTo(100 * 0.03f);
      assertThat(report.problem()).contains("even with gamma = 3.00;");
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Method.class,
      names = {"KFRA", "KFLR"}) // the targets that KFAC samples depend on the update's number
  void theChosenGammaIsTheBestOfThreeConstantOnes(Method method) {
    for (Operations.Mode mode : Problem.modes()) {
      Set<Double> chosen = new TreeSet<>();
      for (double lambda : new double[] {1e-4, 1e-2, 1}) {
        for (int every : GAMMA_EVERY) {
          chosen.add(compareWithConstants(method, mode, lambda, every));
        }
      }
      assertThat(chosen).as("higher and lower gammas").contains(-1.0, 1.0);
    }
  }

  /** Gives 1 if a higher γ than the present one was chosen, −1 for a lower one, 0 for the same. */
  private static double compareWithConstants(
      Method method, Operations.Mode mode, double lambda, int every) {
    float omega = (float) Math.pow(0.95, 0.5 * every);
    try (Problem problem = Setups.all().get(2).open(mode);
        GaussNewton optimizer =
            builder(method, mode, lambda)
                .adaptGamma(true)
                .gammaEvery(every)
                .leastGamma(1e-4)
                .build(problem.network(), problem.loss())) {
      float present = Float.NaN;
      for (int k = 0; k < every; k++) {
        present = (float) optimizer.step(problem.batch()).gamma();
      }
      float[][] start = problem.network().weights();
      StepReport report = optimizer.step(problem.batch());
      double best = Double.POSITIVE_INFINITY;
      float[] candidates = {present, omega * present, 1 / omega * present};
      for (float gamma : candidates) {
        best =
            Math.min(
                best,
                constant(problem, method, mode, lambda, gamma, start).last().predictedChange());
      }
      assertThat(report.predictedChange()).isEqualTo(best);
      assertThat(candidates).contains((float) report.gamma());
      Run same = constant(problem, method, mode, lambda, (float) report.gamma(), start);
      assertThat(same.last().alpha()).isEqualTo(report.alpha());
      optimizer.step(problem.batch()); // not refreshed: with the inverses of the choice
      assertThat(problem.network().weights()).isDeepEqualTo(same.weights());
      return Math.signum(report.gamma() - present);
    }
  }

  /** Two updates with a constant γ from given weights; the report is the first one's. */
  private static Run constant(
      Problem like,
      Method method,
      Operations.Mode mode,
      double lambda,
      float gamma,
      float[][] start) {
    try (Problem problem = like.setup().open(mode);
        GaussNewton optimizer =
            builder(method, mode, lambda).gamma(gamma).build(problem.network(), problem.loss())) {
      problem.network().setWeights(start);
      StepReport report = optimizer.step(problem.batch());
      report.number();
      optimizer.step(problem.batch());
      return new Run(problem.network().weights(), report);
    }
  }

  /** Updates with a constant γ; factors have no past, λ stays. */
  private static Run constant(Operations.Mode mode, float gamma, int updates) {
    try (Problem problem = SINGULAR.open(mode);
        GaussNewton optimizer =
            builder(Method.KFLR, mode, 1e-3)
                .gamma(gamma)
                .build(problem.network(), problem.loss())) {
      StepReport report = null;
      for (int k = 0; k < updates; k++) {
        report = optimizer.step(problem.batch());
      }
      report.number();
      return new Run(problem.network().weights(), report);
    }
  }

  /** No past and no moving λ, so that an update follows from weights, batch and γ alone. */
  private static GaussNewton.Builder builder(Method method, Operations.Mode mode, double lambda) {
    return GaussNewtonTest.builder(method)
        .scalarStep()
        .operations(mode)
        .decay(0)
        .lambda(lambda)
        .adaptLambda(false)
        .refreshEvery(100);
  }

  private static DeviceBatch spoilt(Problem problem) {
    double[][] X = Arrays.stream(problem.X()).map(double[]::clone).toArray(double[][]::new);
    X[X.length / 2][0] = Double.NaN;
    return DeviceBatch.of(TestDevice.get(), X, problem.T());
  }
}
