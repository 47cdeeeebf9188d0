package dev.krongauss.optim;

import static dev.krongauss.testing.Compare.bound;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krongauss.curvature.Method;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.testing.Compare;
import dev.krongauss.testing.DeviceBatch;
import dev.krongauss.testing.Problem;
import dev.krongauss.testing.Setups;
import dev.krongauss.testing.TestDevice;
import dev.krongauss.train.Evaluation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The averaged weights as a result, and the evaluation of weights without a step. */
final class AveragedWeightsTest {
  private static final Problem.Setup SETUP = Setups.all().get(3);

  @ParameterizedTest
  @MethodSource("dev.krongauss.testing.Setups#modes")
  void evaluatingThemDoesNotDisturbTraining(Operations.Mode mode) {
    try (Problem problem = SETUP.open(mode);
        Problem twin = SETUP.open(mode);
        Evaluation evaluation = Evaluation.of(problem.network(), problem.loss());
        GaussNewton optimizer = averaging(mode).build(problem.network(), problem.loss());
        GaussNewton undisturbed = averaging(mode).build(twin.network(), twin.loss())) {
      for (int k = 0; k < 14; k++) { // captured on the way
        assertThat(optimizer.step(problem.batch()).toString())
            .isEqualTo(undisturbed.step(twin.batch()).toString());
        float[][] weights = problem.network().weights();
        double loss = evaluation.loss(problem.batch());
        double averaged = optimizer.averages().with(() -> evaluation.loss(problem.batch()));
        assertThat(problem.network().weights()).isDeepEqualTo(weights);
        if (k > 0) { // the first average is the weights
          assertThat(averaged).isNotEqualTo(loss);
        }
      }
      assertThat(problem.network().weights()).isDeepEqualTo(twin.network().weights());
    }
  }

  @ParameterizedTest
  @MethodSource("dev.krongauss.testing.Setups#modes")
  void theyCanBeTakenAsTheResult(Operations.Mode mode) {
    try (Problem problem = SETUP.open(mode);
        Evaluation evaluation = Evaluation.of(problem.network(), problem.loss());
        GaussNewton optimizer = averaging(mode).build(problem.network(), problem.loss())) {
      assertThatThrownBy(() -> optimizer.averages().take())
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("no update has been accepted yet");
      assertThatThrownBy(() -> optimizer.averages().with(() -> 1))
          .hasMessageContaining("no update has been accepted yet");
      for (int k = 0; k < 5; k++) {
        optimizer.step(problem.batch());
      }
      double averaged = optimizer.averages().with(() -> evaluation.loss(problem.batch()));
      optimizer.averages().take();
      assertThat(evaluation.loss(problem.batch())).isEqualTo(averaged);
      StepReport next = optimizer.step(problem.batch());
      assertThat(next.loss()).isEqualTo(averaged);
      assertThat(next.accepted()).as(next::toString).isTrue();
    }
  }

  @Test
  void weightsAreBackWhateverTheWorkDoes() {
    try (Problem problem = SETUP.open(null);
        GaussNewton optimizer = averaging(null).build(problem.network(), problem.loss())) {
      optimizer.step(problem.batch());
      optimizer.step(problem.batch());
      float[][] weights = problem.network().weights();
      assertThatThrownBy(
              () ->
                  optimizer
                      .averages()
                      .with(
                          () -> {
                            throw new IllegalArgumentException("mine");
                          }))
          .hasMessage("mine");
      assertThat(problem.network().weights()).isDeepEqualTo(weights);
      optimizer
          .averages()
          .with(
              () -> {
                optimizer.swapAverages();
                return 0;
              });
      assertThat(problem.network().weights()).isDeepEqualTo(weights);
      optimizer.swapAverages();
      assertThatThrownBy(() -> optimizer.averages().with(() -> 0))
          .hasMessageContaining("the averaged weights stand in the model");
      assertThatThrownBy(() -> optimizer.averages().take())
          .hasMessageContaining("the averaged weights stand in the model");
    }
  }

  @ParameterizedTest
  @MethodSource("dev.krongauss.testing.Setups#modes")
  void anEvaluationIsTheMeanLoss(Operations.Mode mode) {
    try (Problem problem = SETUP.open(mode);
        Evaluation evaluation = Evaluation.of(problem.network(), problem.loss())) {
      for (int size : new int[] {1, 17, 5}) {
        double[][][] drawn = problem.draw(size, 40 + size);
        try (DeviceBatch batch = DeviceBatch.of(TestDevice.get(), drawn[0], drawn[1])) {
          double wanted = problem.reference().loss(drawn[0], drawn[1], problem.referenceLoss());
          Compare.scalar(
              "mean loss of " + size,
              problem.seed(),
              wanted,
              evaluation.loss(batch),
              bound(4, SETUP.path(), wanted + problem.forwardScale(problem.reference())));
        }
      }
      assertThatThrownBy(
              () -> {
                double[][] wrong = {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}};
                try (DeviceBatch batch = DeviceBatch.of(TestDevice.get(), wrong, wrong)) {
                  evaluation.loss(batch);
                }
              })
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("targets");
    }
  }

  /**
   * What a builder says later is of what it builds later, and defaults are of the rule in force.
   */
  @Test
  void aBuilderMayBuildTwice() {
    try (Problem problem = SETUP.open(null);
        Problem twin = SETUP.open(null)) {
      GaussNewton.Builder builder = GaussNewtonTest.builder(Method.KFRA);
      try (GaussNewton layers = builder.build(problem.network(), problem.loss());
          GaussNewton paper = builder.scalarStep().build(twin.network(), twin.loss())) {
        assertThat(layers.step(problem.batch()).lambda()).isEqualTo(5e-3f);
        assertThat(paper.step(twin.batch()).lambda()).isEqualTo(1e-3f);
      }
    }
  }

  private static GaussNewton.Builder averaging(Operations.Mode mode) {
    return GaussNewton.kfra().operations(mode).averageIterates(0.9);
  }
}
