package dev.krongauss.precondition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krongauss.device.Device;
import dev.krongauss.device.Graph;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.io.Checkpoint;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.model.Resumable;
import dev.krongauss.model.State;
import dev.krongauss.optim.GaussNewton;
import dev.krongauss.optim.StepReport;
import dev.krongauss.reference.ReferenceLoss;
import dev.krongauss.testing.DeviceBatch;
import dev.krongauss.testing.Problem;
import dev.krongauss.testing.Problem.Setup;
import dev.krongauss.testing.Problem.Unit;
import dev.krongauss.testing.TestDevice;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A trainer of one's own makes the optimiser's updates, bit for bit, also captured and resumed. */
final class LayerStepsTest {
  private static final Operations.Mode KERNELS = Operations.Mode.KERNELS;
  private static final Setup SMALL = new Setup(ReferenceLoss.SQUARED, Unit.TANH, 19, 301, 5, 4, 3);

  @TempDir private Path folder;

  private final Device device = TestDevice.get();

  static List<Setup> setups() {
    return List.of(
        new Setup(ReferenceLoss.SQUARED, Unit.TANH, 9, 302, 5, 3),
        new Setup(ReferenceLoss.BERNOULLI, Unit.LOGISTIC, 131, 303, 7, 6, 5, 4),
        new Setup(ReferenceLoss.SOFTMAX, Unit.TANH, 1040, 304, 6, 66, 5, 4));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("setups")
  void updatesAreThoseOfTheOptimiser(Setup setup) {
    try (Problem problem = setup.open(KERNELS);
        Problem twin = setup.open(KERNELS);
        Stream s = device.newStream();
        LayerTrainer trainer = new LayerTrainer(problem, s);
        GaussNewton optimizer =
            GaussNewton.kfra()
                .operations(KERNELS)
                .lambda(LayerTrainer.LAMBDA)
                .leastLambda(LayerTrainer.LEAST_LAMBDA)
                .refreshEvery(LayerTrainer.REFRESH_EVERY)
                .reductionEvery(LayerTrainer.REDUCTION_EVERY)
                .averageIterates(LayerTrainer.AVERAGE_DECAY)
                .build(twin.network(), twin.loss())) {
      for (int k = 1; k <= 9; k++) {
        try (DeviceBatch batch = batch(problem, k, k == 4)) { // no refresh then
          trainer.update(batch);
          StepReport wanted = optimizer.step(batch);
          LayerReport got = trainer.steps.report(s);
          assertThat(wanted.accepted()).as(wanted::toString).isEqualTo(k != 4);
          compare(got, wanted);
          long refresh = k % LayerTrainer.REFRESH_EVERY == 0 ? k - 1 : k;
          assertThat(got.nextRefresh()).isBetween(refresh + 5, refresh + 20);
          assertThat(problem.network().weights()).isDeepEqualTo(twin.network().weights());
          assertThat(download(trainer.steps.averages(), s))
              .isDeepEqualTo(download(optimizer.averages().matrices(), device.stream()));
        }
      }
    }
  }

  private static void compare(LayerReport got, StepReport wanted) {
    assertThat(got.update()).isEqualTo(wanted.update());
    assertThat(got.accepted()).isEqualTo(wanted.accepted());
    assertThat(got.rejectedInARow()).isEqualTo(wanted.rejectedInARow());
    assertThat(got.problem()).isEqualTo(wanted.problem());
    assertThat(got.steps()).containsExactly(wanted.steps());
    assertThat(
            new double[] {
              got.loss(),
              got.objective(),
              got.commonStep(),
              got.predictedChange(),
              got.reductionRatio(),
              got.lambda(),
              got.kappa()
            })
        .containsExactly(
            wanted.loss(),
            wanted.objective(),
            wanted.alpha(),
            wanted.predictedChange(),
            wanted.reductionRatio(),
            wanted.lambda(),
            wanted.kappa());
  }

  private static void same(LayerReport got, LayerReport wanted) {
    assertThat(got).hasToString(wanted.toString());
    assertThat(got.steps()).containsExactly(wanted.steps());
    assertThat(got.lambda()).isEqualTo(wanted.lambda());
    assertThat(got.reductionRatio()).isEqualTo(wanted.reductionRatio());
    assertThat(got.nextRefresh()).isEqualTo(wanted.nextRefresh());
  }

  /** Also in the first update, whose factors have no inverse then, and what comes after goes on. */
  @Test
  void whatIsNotFiniteChangesNothing() {
    for (int bad : new int[] {1, 2, 5}) {
      try (Problem problem = SMALL.open(KERNELS);
          Stream s = device.newStream();
          LayerTrainer trainer = new LayerTrainer(problem, s)) {
        for (int k = 1; k <= 7; k++) {
          Map<String, float[]> before = kept(trainer, s);
          double lambda = trainer.steps.report(s).lambda();
          try (DeviceBatch batch = batch(problem, k, k == bad)) {
            trainer.update(batch, true, false);
            LayerReport report = trainer.steps.report(s);
            assertThat(report.accepted()).as(report::toString).isEqualTo(k != bad);
            assertThat(report.applied()).isEqualTo(k < bad ? k : k - 1);
            Map<String, float[]> after = kept(trainer, s);
            assertThat(after.keySet()).isEqualTo(before.keySet()).hasSize(7);
            for (String name : before.keySet()) {
              assertThat(Arrays.equals(after.get(name), before.get(name)))
                  .as("%s of update %d", name, k)
                  .isEqualTo(k == bad);
            }
            if (k == bad) {
              assertThat(report.problem()).contains("the loss is NaN", "layer 1");
              assertThat(report.nextRefresh()).as("factors of no use").isEqualTo(k + 1);
              assertThat(report.lambda()).isGreaterThan(lambda);
            }
          }
        }
      }
    }
  }

  @Test
  void capturedUpdatesAreTheSame() {
    try (Problem problem = SMALL.open(KERNELS);
        Problem twin = SMALL.open(KERNELS);
        Stream s = device.newStream();
        LayerTrainer trainer = new LayerTrainer(problem, s);
        LayerTrainer captured = new LayerTrainer(twin, s);
        DeviceBatch batch = batch(problem, 1, false)) {
      captured.reserve(batch, true);
      try (Graph graph = s.capture(() -> captured.update(batch, true, true))) {
        for (int k = 1; k <= 5; k++) {
          trainer.update(batch, true, true);
          graph.launch(s);
          s.synchronize();
          assertThat(twin.network().weights()).isDeepEqualTo(problem.network().weights());
          same(captured.steps.report(s), trainer.steps.report(s));
        }
      }
      assertThat(captured.steps.report(s).applied()).isEqualTo(5);
    }
  }

  @Test
  void resumedItGoesOnAsIfItHadNeverStopped() throws Exception {
    Path file = folder.resolve("steps.safetensors");
    try (Problem problem = SMALL.open(KERNELS);
        Problem twin = SMALL.open(KERNELS);
        Stream s = device.newStream();
        LayerTrainer whole = new LayerTrainer(problem, s);
        LayerTrainer second = new LayerTrainer(twin, s)) {
      for (int k = 1; k <= 10; k++) {
        try (DeviceBatch batch = batch(problem, k, false)) {
          whole.update(batch, k % 2 == 1, k % 3 == 0);
          if (k == 5) {
            Checkpoint.save(file, s, parts(whole));
            Checkpoint.load(file, s, parts(second));
          } else if (k > 5) {
            second.update(batch, k % 2 == 1, k % 3 == 0);
          }
          s.synchronize();
        }
      }
      assertThat(twin.network().weights()).isDeepEqualTo(problem.network().weights());
      same(second.steps.report(s), whole.steps.report(s));
      assertThat(download(second.steps.averages(), s))
          .isDeepEqualTo(download(whole.steps.averages(), s));
    }
  }

  @Test
  void mistakesAreNamed() {
    LayerSteps.Builder builder = LayerSteps.on(device);
    assertThatThrownBy(builder::build).hasMessageContaining("add .layer(activations, units)");
    assertThatThrownBy(() -> builder.layer(0, 3)).hasMessageContaining("0 activations and 3");
    assertThatThrownBy(() -> builder.lambda(0)).hasMessageContaining("lambda 0.0 must be positive");
    assertThatThrownBy(() -> builder.leastLambda(1e-60)).hasMessageContaining("leastLambda");
    assertThatThrownBy(() -> builder.l2(-1)).hasMessageContaining("L2 weight -1.0");
    assertThatThrownBy(() -> builder.reductionEvery(0)).hasMessageContaining("reductionEvery 0");
    assertThatThrownBy(() -> builder.averageOfWeights(1)).hasMessageContaining("decay 1.0");
    try (Problem problem = SMALL.open(KERNELS);
        Stream s = device.newStream();
        LayerTrainer trainer = new LayerTrainer(problem, s)) {
      List<Matrix> W = problem.network().parameters();
      LayerSteps steps = trainer.steps;
      assertThatThrownBy(() -> steps.direction(W, trainer.preconditioner, s))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("call accumulate and refresh first");
      assertThatThrownBy(() -> steps.apply(W.subList(0, 1), W, s))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("1 weights for 2 layers");
      assertThatThrownBy(() -> steps.apply(List.of(W.get(1), W.get(0)), W, s))
          .hasMessageContaining("weights of layer 0 is [3][5] but must be [4][6]");
      LayerSteps plain = builder.layer(2, 1).build();
      assertThatThrownBy(plain::averages).hasMessageContaining("averageOfWeights(0.99)");
      plain.close();
      assertThatThrownBy(() -> plain.begin(s)).hasMessageContaining("closed");
    }
  }

  /** All memory is taken as they are built, and given back. */
  @Test
  void noCallAllocates() {
    long before = device.allocatedBytes();
    try (Problem problem = SMALL.open(KERNELS);
        Stream s = device.newStream();
        LayerTrainer trainer = new LayerTrainer(problem, s)) {
      trainer.reserve(problem.batch(), true);
      long allocated = device.allocatedBytes();
      for (int k = 0; k < 2; k++) {
        trainer.update(problem.batch(), true, true);
        trainer.steps.report(s);
      }
      assertThat(device.allocatedBytes()).isEqualTo(allocated).isGreaterThan(before);
    }
    assertThat(device.allocatedBytes()).isEqualTo(before);
  }

  private DeviceBatch batch(Problem problem, int k, boolean bad) {
    double[][][] drawn = problem.draw(problem.setup().datapoints(), 70 + k);
    if (bad) {
      drawn[0][1][0] = Double.NaN;
    }
    return DeviceBatch.of(device, drawn[0], drawn[1]);
  }

  private static Map<String, Resumable> parts(LayerTrainer trainer) {
    return Map.of(
        "W",
        Resumable.weights(trainer.network),
        "steps",
        trainer.steps,
        "preconditioner",
        trainer.preconditioner);
  }

  private static float[][] download(List<Matrix> matrices, Stream s) {
    return matrices.stream().map(matrix -> matrix.download(s)).toArray(float[][]::new);
  }

  /** What only an accepted update may change: weights, and both averages. */
  private static Map<String, float[]> kept(LayerTrainer trainer, Stream s) {
    Map<String, float[]> all = new TreeMap<>();
    State walk = new Downloads(all, s);
    Resumable.weights(trainer.network).exchange(walk);
    trainer.steps.exchange(walk);
    all.keySet().removeIf(name -> name.startsWith("direction"));
    return all;
  }
}
