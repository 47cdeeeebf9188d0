package dev.krongauss.precondition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Device;
import dev.krongauss.device.Graph;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.testing.DriverCalls;
import dev.krongauss.testing.Problem;
import dev.krongauss.testing.TestDevice;
import java.util.stream.Stream.Builder;
import jcuda.driver.CUcontext;
import jcuda.driver.CUgraph;
import jcuda.driver.CUgraphExec;
import jcuda.driver.CUresult;
import jcuda.driver.CUstream;
import jcuda.driver.CUstreamCaptureMode;
import jcuda.driver.CUstream_flags;
import jcuda.driver.JCudaDriver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A trainer captures its calls of the preconditioner: launched k times they leave what k calls
 * leave, bit for bit.
 */
final class CaptureTest {
  /** Means of one, two and three batches, then settled ones. */
  private static final int STEPS = 6;

  private static final int DATAPOINTS = 17;

  /** Enough for the rows to be summed in slices. */
  private static final int MANY = 600;

  private final Device device = TestDevice.get();

  /** The driver's own calls here are those of a trainer that lives in the device's context. */
  @BeforeEach
  void enterTheContext() {
    assertThat(JCudaDriver.cuCtxSetCurrent(device.context())).isZero();
  }

  @AfterEach
  void leaveTheContext() {
    assertThat(JCudaDriver.cuCtxSetCurrent(new CUcontext())).isZero();
  }

  static java.util.stream.Stream<Arguments> cases() {
    Builder<Arguments> cases = java.util.stream.Stream.builder();
    for (Operations.Mode mode : Problem.modes()) {
      for (CapturedTrainer.Calls calls : CapturedTrainer.Calls.values()) {
        cases.add(Arguments.of(mode, calls));
      }
    }
    return cases.build();
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("cases")
  void launchesOfAGraphAreCalls(Operations.Mode mode, CapturedTrainer.Calls calls) {
    int N = mode == Operations.Mode.KERNELS && !calls.factorises() ? MANY : DATAPOINTS;
    CUstream foreign = new CUstream();
    try (CapturedTrainer direct = new CapturedTrainer(device, mode, N);
        CapturedTrainer replayed = new CapturedTrainer(device, mode, N)) {
      assumeTrue(captures(replayed, calls));
      assertThat(JCudaDriver.cuStreamCreate(foreign, CUstream_flags.CU_STREAM_NON_BLOCKING))
          .isZero();
      Stream s = device.wrap(foreign);
      try (Graph graph = s.capture(() -> calls.enqueue(replayed, s))) { // the first call of all
        for (int k = 1; k <= STEPS; k++) {
          direct.load(k, s);
          replayed.load(k, s);
          calls.enqueue(direct, s);
          graph.launch(s);
          assertThat(replayed.results(s)).as("step %d", k).isDeepEqualTo(direct.results(s));
        }
        String failure = replayed.preconditioner.failure(s);
        assertThat(failure.isEmpty()).as(failure).isEqualTo(calls.factorises());
      }
    } finally {
      JCudaDriver.cuStreamDestroy(foreign);
    }
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("cases")
  void launchesAndCallsInTurnsAreCalls(Operations.Mode mode, CapturedTrainer.Calls calls) {
    try (CapturedTrainer direct = new CapturedTrainer(device, mode, DATAPOINTS);
        CapturedTrainer mixed = new CapturedTrainer(device, mode, DATAPOINTS);
        Stream s = device.newStream()) {
      assumeTrue(captures(mixed, calls));
      Graph graph = s.capture(() -> calls.enqueue(mixed, s));
      for (int k = 1; k <= STEPS; k++) {
        direct.load(k, s);
        mixed.load(k, s);
        calls.enqueue(direct, s);
        if (k % 3 == 0) {
          calls.enqueue(mixed, s);
        } else {
          graph.launch(s);
        }
        assertThat(mixed.results(s)).as("step %d", k).isDeepEqualTo(direct.results(s));
      }
    }
  }

  /** By the driver's own calls, in the strictest mode, on a stream of the trainer's. */
  @ParameterizedTest
  @MethodSource("dev.krongauss.testing.Setups#modes")
  void aCaptureOfTheTrainersOwnIsAsGood(Operations.Mode mode) {
    CapturedTrainer.Calls calls = CapturedTrainer.Calls.WHOLE_STEP;
    CUstream foreign = new CUstream();
    CUgraph description = new CUgraph();
    CUgraphExec graph = new CUgraphExec();
    try (CapturedTrainer direct = new CapturedTrainer(device, mode, DATAPOINTS);
        CapturedTrainer replayed = new CapturedTrainer(device, mode, DATAPOINTS)) {
      assumeTrue(captures(replayed, calls));
      succeeds(JCudaDriver.cuStreamCreate(foreign, CUstream_flags.CU_STREAM_NON_BLOCKING));
      Stream s = device.wrap(foreign);
      int strict = CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_GLOBAL;
      succeeds(JCudaDriver.cuStreamBeginCapture(foreign, strict));
      calls.enqueue(replayed, s);
      succeeds(JCudaDriver.cuStreamEndCapture(foreign, description));
      succeeds(JCudaDriver.cuGraphInstantiate(graph, description, 0L));
      for (int k = 1; k <= STEPS; k++) {
        direct.load(k, s);
        replayed.load(k, s);
        calls.enqueue(direct, s);
        succeeds(JCudaDriver.cuGraphLaunch(graph, foreign));
        assertThat(replayed.results(s)).as("step %d", k).isDeepEqualTo(direct.results(s));
      }
      succeeds(JCudaDriver.cuGraphExecDestroy(graph));
      succeeds(JCudaDriver.cuGraphDestroy(description));
    } finally {
      JCudaDriver.cuStreamDestroy(foreign);
    }
  }

  private static void succeeds(int result) {
    assertThat(result).isEqualTo(CUresult.CUDA_SUCCESS);
  }

  /** A device of its own, where nothing is warm. */
  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("cases")
  void theFirstCallNeitherAllocatesNorLoadsNorWaits(
      Operations.Mode mode, CapturedTrainer.Calls calls) {
    assumeTrue(DriverCalls.counted(device), "only SoftCUDA counts");
    try (Device cold = Device.open();
        CapturedTrainer trainer = new CapturedTrainer(cold, mode, MANY)) {
      trainer.load(1, cold.stream());
      long allocations = DriverCalls.allocations();
      long waits = DriverCalls.waits();
      long loads = DriverCalls.of("cuModule");
      calls.enqueue(trainer, cold.stream());
      assertThat(DriverCalls.allocations() - allocations).as("allocations").isZero();
      assertThat(DriverCalls.waits() - waits).as("waits").isZero();
      assertThat(DriverCalls.of("cuModule") - loads).as("modules and kernels loaded").isZero();
    }
  }

  /** The mean of 1, 4, 9, 16: by hand. */
  @ParameterizedTest
  @MethodSource("dev.krongauss.testing.Setups#modes")
  void theMeanIsThatOfAllLaunches(Operations.Mode mode) {
    try (Preconditioner p =
            Preconditioner.on(device).layer(1, 1).decay(0.9).operations(mode).build();
        Arena arena = device.newArena("capture test");
        Stream s = device.newStream()) {
      Matrix a = arena.matrix(1, 1, "activations");
      Matrix c = arena.matrix(1, 1, "roots");
      a.upload(new float[] {9}, s);
      p.accumulate(0, a, c, s);
      p.restart();
      Graph graph = s.capture(() -> p.accumulate(0, a, c, s));
      float[] means = {1, 2.5f, 14 / 3f, 7.5f};
      for (int k = 1; k <= means.length; k++) {
        a.upload(new float[] {k}, s);
        graph.launch(s);
        float mean = p.factors().Q(0).download(s)[0];
        assertThat(mean).isBetween(means[k - 1] - 1e-6f, means[k - 1] + 1e-6f);
      }
    }
  }

  private static boolean captures(CapturedTrainer trainer, CapturedTrainer.Calls calls) {
    return !calls.factorises() || trainer.preconditioner.capturesRefresh();
  }
}
