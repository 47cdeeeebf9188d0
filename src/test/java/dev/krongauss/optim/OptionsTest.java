package dev.krongauss.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krongauss.curvature.Method;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.testing.DeviceBatch;
import dev.krongauss.testing.Problem;
import dev.krongauss.testing.Setups;
import dev.krongauss.testing.TestDevice;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Momentum, averaged weights, constant damping and diagnostics of {@link GaussNewton}. */
final class OptionsTest {
  private static final Problem.Setup SETUP = Setups.all().get(3);

  @ParameterizedTest
  @EnumSource(Method.class)
  void aRejectedUpdateChangesNeitherMomentumNorAverages(Method method) {
    for (Operations.Mode mode : Problem.modes()) {
      try (Problem problem = SETUP.open(mode);
          DeviceBatch bad = spoilt(problem);
          GaussNewton optimizer =
              GaussNewtonTest.builder(method)
                  .operations(mode)
                  .scalarStep()
                  .momentum(true)
                  .averageIterates(0.75)
                  .build(problem.network(), problem.loss())) {
        for (int k = 0; k < 3; k++) {
          assertThat(optimizer.step(problem.batch()).accepted()).isTrue();
        }
        float[][] weights = problem.network().weights();
        float[][] before = downloaded(optimizer.previousUpdate());
        float[][] averages = downloaded(optimizer.averagedParameters());
        assertThat(optimizer.step(bad).accepted()).isFalse();
        assertThat(problem.network().weights()).isDeepEqualTo(weights);
        assertThat(downloaded(optimizer.previousUpdate())).isDeepEqualTo(before);
        assertThat(downloaded(optimizer.averagedParameters())).isDeepEqualTo(averages);
        StepReport next = optimizer.step(problem.batch());
        assertThat(next.accepted()).as(next::toString).isTrue();
        assertThat(next.mu()).isNotZero();
      }
    }
  }

  @Test
  void momentumPromisesMoreThanTheDirectionAlone() {
    try (Problem problem = SETUP.open(null);
        Problem twin = SETUP.open(null);
        GaussNewton optimizer =
            memoryless().momentum(true).build(problem.network(), problem.loss());
        GaussNewton alone = memoryless().build(twin.network(), twin.loss())) {
      assertThat(optimizer.step(problem.batch()).mu()).isZero();
      for (int k = 0; k < 8; k++) {
        float[][] start = problem.network().weights();
        StepReport both = optimizer.step(problem.batch());
        float[][] after = problem.network().weights();
        float[][] update = downloaded(optimizer.previousUpdate());
        for (int l = 0; l < start.length; l++) {
          for (int i = 0; i < start[l].length; i++) {
            assertThat(start[l][i] + update[l][i]).isEqualTo(after[l][i]);
          }
        }
        twin.network().setWeights(start);
        StepReport one = alone.step(twin.batch());
        assertThat(both.mu()).isNotZero();
        assertThat(both.predictedChange()).isNegative().isLessThan(one.predictedChange());
      }
    }
  }

  /** An update follows from weights and batch alone, and from the update before. */
  private static GaussNewton.Builder memoryless() {
    return GaussNewton.kfra().scalarStep().decay(0).refreshEvery(1).adaptLambda(false);
  }

  @Test
  void theAverageBeginsWithoutBias() {
    try (Problem problem = SETUP.open(Operations.Mode.KERNELS);
        GaussNewton optimizer =
            GaussNewton.kfra().averageIterates(0.999).build(problem.network(), problem.loss())) {
      optimizer.step(problem.batch());
      float[][] first = problem.network().weights();
      assertThat(downloaded(optimizer.averagedParameters())).isDeepEqualTo(first);
      optimizer.step(problem.batch());
      float[][] second = problem.network().weights();
      float[][] mean = downloaded(optimizer.averagedParameters());
      for (int l = 0; l < mean.length; l++) {
        for (int i = 0; i < mean[l].length; i++) {
          float wanted = first[l][i] + 0.5f * (second[l][i] - first[l][i]);
          assertThat(mean[l][i]).isEqualTo(wanted); // a half is exact
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("dev.krongauss.testing.Setups#modes")
  void averagesAreSwappedInAndBack(Operations.Mode mode) {
    try (Problem problem = SETUP.open(mode);
        GaussNewton optimizer =
            GaussNewton.kfra()
                .operations(mode)
                .averageIterates(0.9)
                .build(problem.network(), problem.loss())) {
      for (int k = 0; k < 14; k++) { // captured on the way
        optimizer.step(problem.batch());
      }
      float[][] weights = problem.network().weights();
      float[][] averages = downloaded(optimizer.averagedParameters());
      optimizer.swapAverages();
      assertThat(problem.network().weights()).isDeepEqualTo(averages);
      assertThat(downloaded(optimizer.averagedParameters())).isDeepEqualTo(weights);
      assertThatThrownBy(() -> optimizer.step(problem.batch()))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("call swapAverages() once more");
      optimizer.swapAverages();
      assertThat(problem.network().weights()).isDeepEqualTo(weights);
      assertThat(optimizer.step(problem.batch()).accepted()).isTrue();
    }
  }

  @Test
  void withoutAveragesThereAreNone() {
    try (Problem problem = SETUP.open(Operations.Mode.KERNELS);
        GaussNewton optimizer = GaussNewton.kfra().build(problem.network(), problem.loss())) {
      assertThatThrownBy(optimizer::averagedParameters)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("averageIterates(0.9)");
      assertThatThrownBy(optimizer::swapAverages).isInstanceOf(IllegalStateException.class);
      StepReport report = optimizer.step(problem.batch());
      assertThat(report.mu()).isZero();
      assertThat(report.blockCurvature()).isNaN();
      assertThat(report.modelledCurvature()).isNaN();
      assertThat(report.exactCurvature()).isPositive();
    }
  }

  @ParameterizedTest
  @EnumSource(Method.class)
  void fixedDampingStaysWhatItIs(Method method) {
    float value = 2e-3f;
    float gamma = (float) Math.sqrt(2e-3);
    for (Operations.Mode mode : Problem.modes()) {
      try (Problem problem = SETUP.open(mode);
          DeviceBatch bad = spoilt(problem);
          GaussNewton optimizer =
              GaussNewtonTest.builder(method)
                  .operations(mode)
                  .fixedDamping(2e-3)
                  .reductionEvery(1)
                  .build(problem.network(), problem.loss())) {
        for (int k = 0; k < 14; k++) {
          StepReport report = optimizer.step(k % 4 == 3 ? bad : problem.batch());
          assertThat(report.accepted()).as(report::toString).isEqualTo(k % 4 != 3);
          assertThat((float) report.lambda()).isEqualTo(value);
          assertThat((float) report.gamma()).isEqualTo(gamma);
          assertThat(report.reductionRatio()).isNaN(); // no rule needs it
        }
      }
    }
  }

  @Test
  void momentumNeedsRescaling() {
    try (Problem problem = SETUP.open(Operations.Mode.KERNELS)) {
      GaussNewton.Builder builder = GaussNewton.kfra().scalarStep().momentum(true).rescaling(false);
      assertThatThrownBy(() -> builder.build(problem.network(), problem.loss()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("leave out rescaling(false) or momentum(true)");
      GaussNewton.Builder averages = GaussNewton.kfra().averageIterates(1);
      assertThatThrownBy(() -> averages.build(problem.network(), problem.loss()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("decay 1.0 of the averaged weights");
    }
  }

  private static float[][] downloaded(List<dev.krongauss.device.Matrix> matrices) {
    return matrices.stream()
        .map(matrix -> matrix.download(TestDevice.get().stream()))
        .toArray(float[][]::new);
  }

  private static DeviceBatch spoilt(Problem problem) {
    double[][] X = Arrays.stream(problem.X()).map(double[]::clone).toArray(double[][]::new);
    X[X.length / 2][0] = Double.NaN;
    return DeviceBatch.of(TestDevice.get(), X, problem.T());
  }
}
