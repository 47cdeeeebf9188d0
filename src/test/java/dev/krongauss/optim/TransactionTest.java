package dev.krongauss.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krongauss.curvature.Method;
import dev.krongauss.device.DeviceException;
import dev.krongauss.device.Matrix;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.model.Batch;
import dev.krongauss.model.LossFunction;
import dev.krongauss.testing.DeviceBatch;
import dev.krongauss.testing.Problem;
import dev.krongauss.testing.Setups;
import dev.krongauss.testing.TestDevice;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A step never ruins a model: what is rejected leaves every bit of the weights, says why, and in
 * the end throws.
 */
final class TransactionTest {
  private static final int MOST_REJECTED = 3;

  /** The optimisers under test. */
  enum Kind {
    AUTO,
    KFRA,
    KFLR,
    KFAC,
    EXACT,
    SGD,
    NESTEROV,
    ADAM,
    MUON
  }

  static Stream<Arguments> cases() {
    return Arrays.stream(Kind.values())
        .flatMap(kind -> Problem.modes().stream().map(mode -> Arguments.of(kind, mode)));
  }

  /** Before the first update, before its graph is captured, and where it is replayed. */
  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("cases")
  void aBatchThatDoesNotFitIntoMemoryLeavesEverythingAsItWas(Kind kind, Operations.Mode mode) {
    float[][] wanted = weights(kind, mode, -1);
    for (int update : new int[] {0, 1, 6}) {
      assertSameBits(wanted, weights(kind, mode, update));
    }
  }

  /** After 8 updates, before one of which a batch was tried that is larger than the memory. */
  private static float[][] weights(Kind kind, Operations.Mode mode, int tried) {
    try (Problem problem = Setups.all().get(3).open(mode);
        Optimizer optimizer = optimizer(kind, problem, mode)) {
      for (int update = 0; update < 8; update++) {
        if (update == tried) {
          Batch tooLarge = new TooLarge(problem.batch());
          assertThatThrownBy(() -> optimizer.step(tooLarge))
              .isInstanceOf(DeviceException.class)
              .hasMessageContaining("out of memory");
        }
        assertThat(optimizer.step(problem.batch()).update()).isEqualTo(update + 1);
      }
      return problem.network().weights();
    }
  }

  /** As many datapoints as there can be; where they lie is not looked at before there is memory. */
  private record TooLarge(Batch first) implements Batch {
    @Override
    public int size() {
      return Integer.MAX_VALUE;
    }

    @Override
    public Matrix inputs() {
      return large(first.inputs());
    }

    @Override
    public Matrix targets() {
      return large(first.targets());
    }

    @Override
    public void checkTargets(LossFunction loss) {
      // there are none
    }

    private Matrix large(Matrix m) {
      return Matrix.wrap(m.pointer(), size(), m.columns(), m.stride());
    }
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("cases")
  void aBatchWithNanLeavesTheWeights(Kind kind, Operations.Mode mode) {
    try (Problem problem = Setups.all().get(3).open(mode);
        DeviceBatch bad = spoilt(problem, Double.NaN);
        Optimizer optimizer = optimizer(kind, problem, mode)) {
      StepReport good = optimizer.step(problem.batch());
      assertThat(good.accepted()).as(good::toString).isTrue();
      float[][] before = problem.network().weights();
      StepReport report = optimizer.step(bad);
      assertThat(report.accepted()).isFalse();
      assertThat(report.loss()).isNaN();
      assertThat(report.problem()).contains("the loss is NaN", "non-finite inputs");
      assertThat(report.toString()).contains("rejected");
      assertThat(report.rejectedInARow()).isEqualTo(1);
      if (!Double.isNaN(report.lambda())) {
        assertThat(report.lambda()).isGreaterThan(good.lambda());
      }
      assertSameBits(before, problem.network().weights());

      StepReport next = optimizer.step(problem.batch());
      assertThat(next.accepted()).as(next::toString).isTrue();
      assertThat(next.rejectedInARow()).isZero();
      assertThat(problem.network().weights()[0]).isNotEqualTo(before[0]);
    }
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("cases")
  void tooManyRejectionsThrow(Kind kind, Operations.Mode mode) {
    try (Problem problem = Setups.all().get(3).open(mode);
        DeviceBatch bad =
            spoilt(problem, 3e38); // the network overflows: the loss is infinite or NaN
        Optimizer optimizer = optimizer(kind, problem, mode)) {
      float[][] before = problem.network().weights();
      for (int k = 1; k <= MOST_REJECTED + 1; k++) {
        StepReport report = optimizer.step(bad);
        assertThat(report.accepted()).as(report::toString).isFalse();
        assertThat(report.rejectedInARow()).isEqualTo(k);
        assertThat(report.problem()).isNotEmpty();
      }
      assertThatThrownBy(() -> optimizer.step(problem.batch()))
          .isInstanceOf(DivergenceException.class)
          .hasMessageContaining((MOST_REJECTED + 1) + " updates in a row were rejected")
          .hasMessageContaining("update " + (MOST_REJECTED + 1))
          .hasMessageContaining("the loss is");
      assertSameBits(before, problem.network().weights());
    }
  }

  @ParameterizedTest
  @EnumSource(Method.class)
  void aBadBatchInTheFactorsIsForgotten(Method method) {
    // Refreshed every step: the batch with NaN enters the moving averages too, and must not stay
    // there.
    for (Operations.Mode mode : Problem.modes()) {
      try (Problem problem = Setups.all().get(3).open(mode);
          DeviceBatch bad = spoilt(problem, Double.NaN);
          Optimizer optimizer =
              GaussNewtonTest.builder(method)
                  .operations(mode)
                  .refreshEvery(1)
                  .build(problem.network(), problem.loss())) {
        optimizer.step(problem.batch());
        assertThat(optimizer.step(bad).accepted()).isFalse();
        StepReport next = optimizer.step(problem.batch());
        assertThat(next.accepted()).as(next::toString).isTrue();
      }
    }
  }

  private static DeviceBatch spoilt(Problem problem, double value) {
    double[][] X = Arrays.stream(problem.X()).map(double[]::clone).toArray(double[][]::new);
    X[X.length / 2][0] = value;
    double[][] T = problem.T();
    if (!Double.isNaN(value)) {
      T = Arrays.stream(T).map(double[]::clone).toArray(double[][]::new);
      Arrays.fill(T[0], value);
    }
    return DeviceBatch.of(TestDevice.get(), X, T);
  }

  private static Optimizer optimizer(Kind kind, Problem problem, Operations.Mode mode) {
    return switch (kind) {
      case AUTO ->
          GaussNewton.auto()
              .operations(mode)
              .mostRejected(MOST_REJECTED)
              .build(problem.network(), problem.loss());
      case KFRA, KFLR, KFAC ->
          GaussNewtonTest.builder(Method.valueOf(kind.name()))
              .operations(mode)
              .mostRejected(MOST_REJECTED)
              .build(problem.network(), problem.loss());
      case EXACT ->
          GaussNewton.exact()
              .operations(mode)
              .budget(Long.MAX_VALUE)
              .mostRejected(MOST_REJECTED)
              .build(problem.network(), problem.loss());
      case SGD ->
          Sgd.builder().mostRejected(MOST_REJECTED).build(problem.network(), problem.loss());
      case NESTEROV ->
          Sgd.builder()
              .momentum(0.9)
              .nesterov(true)
              .mostRejected(MOST_REJECTED)
              .build(problem.network(), problem.loss());
      case ADAM ->
          Adam.builder().mostRejected(MOST_REJECTED).build(problem.network(), problem.loss());
      case MUON ->
          Muon.builder()
              .operations(mode)
              .mostRejected(MOST_REJECTED)
              .build(problem.network(), problem.loss());
    };
  }

  private static void assertSameBits(float[][] before, float[][] after) {
    for (int l = 0; l < before.length; l++) {
      for (int i = 0; i < before[l].length; i++) {
        assertThat(Float.floatToRawIntBits(after[l][i]))
            .as("weight %d of layer %d", i, l)
            .isEqualTo(Float.floatToRawIntBits(before[l][i]));
      }
    }
  }
}
