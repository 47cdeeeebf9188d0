package dev.krongauss.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.testing.DeviceBatch;
import dev.krongauss.testing.Problem;
import dev.krongauss.testing.Setups;
import dev.krongauss.testing.TestDevice;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Degenerate data and weights: numbers stay finite, and the objective is not worse in the end; what
 * is not finite changes nothing.
 */
final class RobustTest {
  private static final int MOST_REJECTED = 3;
  private static final Problem.Setup SETUP = Setups.all().get(3);

  /** The optimisers under test. */
  enum Kind {
    KFRA,
    KFLR,
    KFAC,
    /** One step length for all layers. */
    KFRA_PAPER,
    /** The same with momentum, its own γ, and averages. */
    KFRA_OPTIONS,
    ADAM;

    Optimizer build(Problem problem, Operations.Mode mode, double l2) {
      return switch (this) {
        case KFRA -> finish(GaussNewton.kfra(), problem, mode, l2);
        case KFLR -> finish(GaussNewton.kflr(), problem, mode, l2);
        case KFAC -> {
          GaussNewton.Builder builder =
              problem.loss().canSample() ? GaussNewton.kfac() : GaussNewton.kflr();
          yield finish(builder, problem, mode, l2);
        }
        case KFRA_PAPER -> finish(GaussNewton.kfra().scalarStep(), problem, mode, l2);
        case KFRA_OPTIONS ->
            finish(
                GaussNewton.kfra()
                    .scalarStep()
                    .momentum(true)
                    .adaptGamma(true)
                    .gammaEvery(5)
                    .averageIterates(0.9),
                problem,
                mode,
                l2);
        case ADAM ->
            Adam.builder().mostRejected(MOST_REJECTED).build(problem.network(), problem.loss());
      };
    }

    private static Optimizer finish(
        GaussNewton.Builder builder, Problem problem, Operations.Mode mode, double l2) {
      return builder
          .operations(mode)
          .refreshEvery(5)
          .l2(l2)
          .mostRejected(MOST_REJECTED)
          .build(problem.network(), problem.loss());
    }
  }

  static Stream<Arguments> healthy() {
    return Arrays.stream(Trouble.values())
        .flatMap(
            trouble ->
                Arrays.stream(Kind.values())
                    .flatMap(
                        kind ->
                            Problem.modes().stream()
                                .map(mode -> Arguments.of(trouble, kind, mode))));
  }

  @ParameterizedTest(name = "{0} {1} {2}")
  @MethodSource("healthy")
  void troubleIsSurvived(Trouble trouble, Kind kind, Operations.Mode mode) {
    try (Problem problem = trouble.setup().open(mode);
        DeviceBatch batch = spoilt(trouble, problem);
        Optimizer optimizer = kind.build(problem, mode, 0)) {
      double start = Double.NaN;
      StepReport last = null;
      for (int k = 0; k < trouble.updates(); k++) {
        float[][] before = problem.network().weights();
        last = optimizer.step(batch);
        float[][] after = problem.network().weights();
        String what = last.toString();
        assertThat(last.loss()).as(what).isFinite();
        start = k == 0 ? last.objective() : start;
        assertFinite(what, after);
        if (!last.accepted()) {
          assertThat(last.problem()).as(what).isNotEmpty();
          assertThat(after).as(what).isDeepEqualTo(before);
        } else {
          assertThat(last.alpha()).as(what).isFinite();
        }
      }
      if (kind != Kind.KFRA_OPTIONS) { // momentum overshoots where λ is small
        assertThat(last.objective()).as("from %s: %s", start, last).isLessThanOrEqualTo(start);
      }
    }
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("kinds")
  void withoutAGradientNothingMoves(Kind kind, Operations.Mode mode) {
    Trouble trouble = Trouble.ZERO_GRADIENT;
    try (Problem problem = trouble.setup().open(mode);
        DeviceBatch batch = spoilt(trouble, problem);
        Optimizer optimizer = kind.build(problem, mode, 0)) {
      float[][] before = problem.network().weights();
      for (int k = 0; k < 12; k++) {
        StepReport report = optimizer.step(batch);
        assertThat(report.accepted()).as(report::toString).isTrue();
        assertThat(report.objective()).isZero();
        if (kind != Kind.ADAM) {
          assertThat(report.alpha()).isZero();
          assertThat(report.mu()).isZero();
          assertThat(Math.abs(report.predictedChange())).isZero();
          assertThat(report.exactCurvature()).isZero();
        }
        assertThat(problem.network().weights()).isDeepEqualTo(before);
      }
    }
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("kinds")
  void withoutAGradientOfTheLossTheL2TermShrinksTheWeights(Kind kind, Operations.Mode mode) {
    Trouble trouble = Trouble.ZERO_GRADIENT;
    assumeTrue(kind != Kind.ADAM, "Adam has no L2 term");
    try (Problem problem = trouble.setup().open(mode);
        DeviceBatch batch = spoilt(trouble, problem);
        Optimizer optimizer = kind.build(problem, mode, 0.125)) {
      double before = Double.POSITIVE_INFINITY;
      for (int k = 0; k < 5; k++) {
        StepReport report = optimizer.step(batch);
        assertThat(report.accepted()).as(report::toString).isTrue();
        assertThat(report.loss()).isZero();
        assertThat(report.objective()).isLessThan(before);
        before = report.objective();
      }
    }
  }

  /** What is not finite, where, words of the report, and the layer that the exception names. */
  enum Poison {
    NAN_INPUT(Double.NaN, true, "the loss is NaN", "88 of 88 of layer 1"),
    INFINITE_INPUT(Double.POSITIVE_INFINITY, true, "not finite", "11 of 88 of layer 1"),
    NEGATIVE_INFINITE_INPUT(Double.NEGATIVE_INFINITY, true, "not finite", "11 of 88 of layer 1"),
    NAN_TARGET(Double.NaN, false, "the loss is NaN", "14 of 70 of layer 3"),
    INFINITE_TARGET(Double.POSITIVE_INFINITY, false, "the loss is", "14 of 70 of layer 3");

    private final double value;
    private final boolean input;
    private final String words;
    private final String layer;

    Poison(double value, boolean input, String words, String layer) {
      this.value = value;
      this.input = input;
      this.words = words;
      this.layer = layer;
    }

    DeviceBatch batch(Problem problem) {
      double[][] X = Arrays.stream(problem.X()).map(double[]::clone).toArray(double[][]::new);
      double[][] T = Arrays.stream(problem.T()).map(double[]::clone).toArray(double[][]::new);
      (input ? X : T)[problem.X().length / 2][1] = value;
      return DeviceBatch.of(TestDevice.get(), X, T);
    }
  }

  static Stream<Arguments> poisoned() {
    return Arrays.stream(Poison.values())
        .flatMap(poison -> kinds().map(kind -> Arguments.of(poison, kind.get()[0], kind.get()[1])));
  }

  static Stream<Arguments> kinds() {
    return Arrays.stream(Kind.values())
        .flatMap(kind -> Problem.modes().stream().map(mode -> Arguments.of(kind, mode)));
  }

  @ParameterizedTest(name = "{0} {1} {2}")
  @MethodSource("poisoned")
  void aPoisonedBatchChangesNothingAndIsForgotten(Poison poison, Kind kind, Operations.Mode mode) {
    try (Problem problem = SETUP.open(mode);
        DeviceBatch bad = poison.batch(problem);
        Optimizer optimizer = kind.build(problem, mode, 1e-5)) {
      double lambda = 0;
      for (int k = 1; k <= 12; k++) {
        float[][] before = problem.network().weights();
        boolean poisoned = k == 3 || k == 6 || k == 7 || k == 11; // 6 and 11 refresh
        StepReport report = optimizer.step(poisoned ? bad : problem.batch());
        assertThat(report.accepted()).as(report::toString).isEqualTo(!poisoned);
        if (poisoned) {
          assertThat(report.problem()).contains(poison.words);
          assertThat(problem.network().weights()).isDeepEqualTo(before);
          if (kind != Kind.ADAM) {
            assertThat(report.lambda()).isGreaterThan(lambda);
          }
          if (kind != Kind.ADAM && poison.input && k >= 6) {
            assertThat(report.rung()).isEqualTo(2);
            assertThat(report.problem())
                .contains(
                    "factor Q of layer 1 is not positive definite at column 2 even with gamma")
                .contains("non-finite activations");
          }
        } else {
          assertThat(report.problem()).isEmpty();
          assertThat(problem.network().weights()[0]).isNotEqualTo(before[0]);
        }
        lambda = report.lambda();
      }
    }
  }

  @ParameterizedTest(name = "{0} {1} {2}")
  @MethodSource("poisoned")
  void theExceptionNamesLayerNumbersAndCauses(Poison poison, Kind kind, Operations.Mode mode) {
    try (Problem problem = SETUP.open(mode);
        DeviceBatch bad = poison.batch(problem);
        Optimizer optimizer = kind.build(problem, mode, 1e-5)) {
      float[][] before = problem.network().weights();
      StepReport last = null;
      for (int k = 0; k <= MOST_REJECTED; k++) {
        last = optimizer.step(bad);
      }
      assertThat(last.rejectedInARow()).isEqualTo(MOST_REJECTED + 1);
      String problemOfLast = last.problem();
      assertThatThrownBy(() -> optimizer.step(problem.batch()))
          .isInstanceOf(DivergenceException.class)
          .hasMessageContaining((MOST_REJECTED + 1) + " updates in a row were rejected")
          .hasMessageContaining(problemOfLast)
          .hasMessageContaining("not finite in the last gradient: ")
          .hasMessageContaining(poison.layer);
      assertThat(problem.network().weights()).isDeepEqualTo(before);
    }
  }

  private static DeviceBatch spoilt(Trouble trouble, Problem problem) {
    double[][] X = Arrays.stream(problem.X()).map(double[]::clone).toArray(double[][]::new);
    double[][] T = Arrays.stream(problem.T()).map(double[]::clone).toArray(double[][]::new);
    float[][] weights = problem.network().weights();
    trouble.spoil(X, T, weights);
    problem.network().setWeights(weights);
    return DeviceBatch.of(TestDevice.get(), X, T);
  }

  private static void assertFinite(String what, float[][] weights) {
    for (float[] layer : weights) {
      for (float weight : layer) {
        assertThat(weight).as(what).isFinite();
      }
    }
  }
}
