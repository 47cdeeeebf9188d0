package dev.krongauss.optim;

import static dev.krongauss.optim.GraphsSetting.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.kernel.Update;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.model.LossFunction;
import dev.krongauss.mutation.SoftwareOptions;
import dev.krongauss.reference.ReferenceLoss;
import dev.krongauss.testing.DriverCalls;
import dev.krongauss.testing.HostLoss;
import dev.krongauss.testing.Problem;
import dev.krongauss.testing.Setups;
import dev.krongauss.testing.TestDevice;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Updates replayed from a graph are the updates enqueued call by call, and cost the host nothing.
 */
final class ReplaysTest {
  /** Enough for every kind of update to be enqueued, captured and replayed. */
  private static final int STEPS = 26;

  static Stream<Arguments> cases() {
    return Arrays.stream(ReplayedKind.values())
        .flatMap(kind -> Problem.modes().stream().map(mode -> Arguments.of(kind, mode)));
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("cases")
  void bitsAreThoseOfUpdatesEnqueuedCallByCall(ReplayedKind kind, Operations.Mode mode) {
    Problem.Setup setup = Setups.all().get(4);
    assertThat(weightsAfter(kind, setup, mode, "on"))
        .isDeepEqualTo(weightsAfter(kind, setup, mode, "off"));
  }

  @Test
  void gramMatricesOfManyRowsAreReplayed() {
    // Their rows are summed in slices, whose blocks count each other.
    Problem.Setup setup =
        new Problem.Setup(ReferenceLoss.SOFTMAX, Problem.Unit.TANH, 512, 51, 3, 4, 2);
    Operations.Mode mode = Operations.Mode.KERNELS;
    assertThat(weightsAfter(ReplayedKind.KFRA, setup, mode, "on"))
        .isDeepEqualTo(weightsAfter(ReplayedKind.KFRA, setup, mode, "off"));
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("cases")
  void aReplayedUpdateNeitherWaitsNorAllocates(ReplayedKind kind, Operations.Mode mode) {
    assumeTrue(DriverCalls.counted(TestDevice.get()), "only SoftCUDA counts");
    try (Problem problem = Setups.all().get(4).open(mode);
        Optimizer optimizer = kind.build(problem.network(), problem.loss(), mode)) {
      StepReport last = null;
      for (int k = 0; k < STEPS; k++) {
        last = optimizer.step(problem.batch());
      }
      last.loss(); // wait: the ring of reports is not what is counted
      long waits = DriverCalls.waits();
      long allocations = DriverCalls.allocations();
      long launches = DriverCalls.of("cuLaunchKernel");
      long graphs = DriverCalls.of("cuGraphLaunch");
      long captures = DriverCalls.of("cuStreamBeginCapture");
      long copies = DriverCalls.of("cuMemcpyDtoD") + DriverCalls.of("cuMemcpy2D");
      for (int k = 0; k < 6; k++) {
        optimizer.step(problem.batch());
      }
      assertThat(DriverCalls.waits() - waits).as("waits").isZero();
      assertThat(DriverCalls.allocations() - allocations).as("allocations").isZero();
      assertThat(DriverCalls.of("cuLaunchKernel") - launches).as("launches of kernels").isZero();
      assertThat(DriverCalls.of("cuStreamBeginCapture") - captures).as("captures").isZero();
      assertThat(DriverCalls.of("cuMemcpyDtoD") + DriverCalls.of("cuMemcpy2D") - copies)
          .as("copies of the batch")
          .isZero();
      assertThat(DriverCalls.of("cuGraphLaunch") - graphs).as("launches of graphs").isEqualTo(6);
    }
  }

  /** Eight layers, as the paper's autoencoder has; widths change no count. */
  @Test
  void anUpdateOfEightLayersHasTwelveNodes() {
    Problem.Setup setup =
        new Problem.Setup(
            ReferenceLoss.BERNOULLI, Problem.Unit.TANH, 30, 5, 20, 16, 12, 8, 4, 8, 12, 16, 20);
    Operations.Mode mode = Operations.Mode.KERNELS;
    try (Problem problem = setup.open(mode);
        GaussNewton optimizer =
            (GaussNewton) ReplayedKind.KFRA.build(problem.network(), problem.loss(), mode)) {
      for (int k = 0; k < STEPS; k++) {
        optimizer.step(problem.batch());
      }
      assertThat(optimizer.graphNodes(false, false)).as("plain").isBetween(1, 11);
      assertThat(optimizer.graphNodes(false, true)).as("reduction").isBetween(1, 15);
      assertThat(optimizer.graphNodes(true, false)).as("refresh").isBetween(1, 22);
      assertThat(optimizer.graphNodes(true, true)).as("refresh, reduction").isBetween(1, 26);
    }
    try (Problem problem = setup.open(mode);
        Optimizer optimizer = ReplayedKind.ADAM.build(problem.network(), problem.loss(), mode)) {
      for (int k = 0; k < 3; k++) {
        optimizer.step(problem.batch());
      }
      assertThat(optimizer.graphNodes()).as("Adam").isBetween(1, 6);
    }
  }

  /** Means of the first batches come from a counter, so that the second refresh can be captured. */
  @ParameterizedTest
  @MethodSource("dev.krongauss.testing.Setups#modes")
  void aKindIsCapturedTheSecondTime(Operations.Mode mode) {
    assumeTrue(Problem.replaysRefreshes(mode), "a GPU's cuSOLVER cannot be captured");
    try (Problem problem = Setups.all().get(2).open(mode);
        GaussNewton optimizer =
            GaussNewton.kfra()
                .operations(mode)
                .decay(0.99)
                .refreshEvery(1)
                .reductionEvery(100)
                .build(problem.network(), problem.loss())) {
      optimizer.step(problem.batch());
      assertThat(optimizer.graphNodes()).isZero();
      optimizer.step(problem.batch());
      assertThat(optimizer.graphNodes()).isPositive();
    }
  }

  @Test
  void aKindThatCannotBeCapturedLeavesTheOthersTheirGraphs() {
    Device device = TestDevice.get();
    try (Problem problem = Setups.all().get(2).open(Operations.Mode.KERNELS);
        LossFunction.OnDevice loss = problem.loss().on(device);
        Arena arena = device.newArena("replays");
        Replays replays =
            new Replays(
                device.stream(),
                problem.network(),
                loss,
                new Phases(device.stream()),
                Chunks.of(null, null))) {
      Matrix W = arena.matrix(1, 3, "W");
      Matrix D = arena.matrix(1, 3, "D");
      Buffer alpha = arena.floats(1, "alpha");
      D.upload(new float[] {1, 10, 100}, device.stream());
      alpha.upload(new float[] {1}, device.stream());
      Update update = new Update(device);
      Runnable fits =
          () -> update.apply(device.stream(), List.of(W), List.of(D), alpha.pointer(), 0);
      Runnable waits =
          () -> {
            fits.run();
            device.stream().synchronize();
          };
      int[] updates = {0};
      Runnable afterwards = () -> updates[0]++;
      Replays.Update one = replays.kind(fits, afterwards);
      Replays.Update another = replays.kind(waits, afterwards);
      Replays.Update third = replays.kind(fits, afterwards);
      for (int k = 1; k <= 4; k++) {
        one.run(true);
        assertThat(replays.lastNodes()).isEqualTo(k == 1 ? 0 : 1);
        another.run(true);
        assertThat(replays.lastNodes()).isZero();
        third.run(false);
        assertThat(replays.lastNodes()).isZero();
        assertThat(updates[0]).isEqualTo(3 * k);
        assertThat(W.download(device.stream())).containsExactly(3 * k, 30 * k, 300 * k);
      }
      assertThat(one.nodes()).isEqualTo(1);
    }
  }

  /** A driver that refuses cuSOLVER in a capture, as that of a GPU does. */
  @ParameterizedTest
  @EnumSource(names = {"KFRA", "KFLR", "KFRA_OPTIONS"})
  void aRefusedLibraryChangesNoBit(ReplayedKind kind) {
    Device device = TestDevice.get();
    assumeTrue(device.isSoftware(), "an option of SoftCUDA");
    Operations.Mode mode = Problem.modes().get(1);
    assumeTrue(mode == Operations.Mode.LIBRARIES, "no libraries here");
    Problem.Setup setup = Setups.all().get(4);
    float[][] wanted = weightsAfter(kind, setup, mode, "off");
    new SoftwareOptions().set("capture", "device");
    try (Problem problem = setup.open(mode);
        GaussNewton optimizer = (GaussNewton) kind.build(problem.network(), problem.loss(), mode)) {
      for (int k = 0; k < STEPS; k++) {
        optimizer.step(problem.batch());
      }
      assertThat(optimizer.graphNodes(false, false)).as("plain").isPositive();
      assertThat(optimizer.graphNodes(false, true)).as("reduction").isPositive();
      assertThat(optimizer.graphNodes(true, false)).as("refresh").isZero();
      assertThat(problem.network().weights()).isDeepEqualTo(wanted);
    } finally {
      new SoftwareOptions().restore("capture", "any");
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"KFRA", "ADAM"})
  void anUpdateWithinACaptureIsRefusedAndLeavesNothingBehind(ReplayedKind kind) {
    Device device = TestDevice.get();
    Operations.Mode mode = Operations.Mode.KERNELS;
    float[][] wanted = weightsAfter(kind, Setups.all().get(4), mode, "on");
    try (Problem problem = Setups.all().get(4).open(mode);
        Optimizer optimizer = kind.build(problem.network(), problem.loss(), mode)) {
      for (int k = 0; k < STEPS; k++) {
        if (k % 5 == 0) {
          assertThatThrownBy(() -> device.stream().capture(() -> optimizer.step(problem.batch())))
              .isInstanceOf(IllegalStateException.class)
              .hasMessageContainingAll("within a capture", "call them outside");
        }
        assertThat(optimizer.step(problem.batch()).update()).isEqualTo(k + 1);
      }
      assertThat(problem.network().weights()).isDeepEqualTo(wanted);
    }
  }

  @Test
  void aLossOnTheHostIsNeverCaptured() {
    try (Problem problem = Setups.all().get(2).open(Operations.Mode.KERNELS);
        GaussNewton optimizer =
            GaussNewton.kfra().build(problem.network(), new HostLoss(problem.setup().loss(), 1))) {
      for (int k = 0; k < STEPS; k++) {
        assertThat(optimizer.step(problem.batch()).accepted()).isTrue();
      }
      assertThat(optimizer.graphNodes(false, false)).isZero();
    }
  }

  @Test
  void anUnknownSettingIsAnError() {
    try (Problem problem = Setups.all().get(2).open(Operations.Mode.KERNELS)) {
      assertThatThrownBy(
              () -> with("maybe", () -> Adam.builder().build(problem.network(), problem.loss())))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("krongauss.graphs is 'maybe'; it must be on or off");
    }
  }

  private static float[][] weightsAfter(
      ReplayedKind kind, Problem.Setup setup, Operations.Mode mode, String graphs) {
    try (Problem problem = setup.open(mode);
        Optimizer optimizer =
            with(graphs, () -> kind.build(problem.network(), problem.loss(), mode))) {
      int climbed = 0;
      for (int k = 0; k < STEPS; k++) {
        StepReport report = optimizer.step(problem.batch());
        climbed += report.accepted() && report.rung() > 0 ? 1 : 0;
      }
      if (optimizer instanceof GaussNewton second) {
        boolean on = graphs.equals("on");
        boolean refreshes = on && Problem.replaysRefreshes(mode);
        for (boolean reduction : new boolean[] {false, true}) {
          assertThat(second.graphNodes(false, reduction) > 0).as("captured").isEqualTo(on);
          assertThat(second.graphNodes(true, reduction) > 0)
              .as("captured, with a refresh")
              .isEqualTo(refreshes);
          assertThat(second.gammaGraphNodes(reduction) > 0)
              .as("captured, with a choice of gamma")
              .isEqualTo(refreshes && kind.choosesGamma());
        }
        assertThat(climbed > 9)
            .as("%d climbed", climbed)
            .isEqualTo(kind == ReplayedKind.KFLR_LADDER);
      }
      return problem.network().weights();
    }
  }
}
