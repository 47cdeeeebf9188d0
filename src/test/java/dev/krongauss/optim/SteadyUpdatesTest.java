package dev.krongauss.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.krongauss.data.Batches;
import dev.krongauss.data.Dataset;
import dev.krongauss.device.Device;
import dev.krongauss.kernel.Control;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.mutation.SoftwareOptions;
import dev.krongauss.net.Activation;
import dev.krongauss.net.Loss;
import dev.krongauss.net.Network;
import dev.krongauss.testing.DriverCalls;
import dev.krongauss.testing.TestDevice;
import java.lang.management.ManagementFactory;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What an update costs the host once its kinds are replayed, compiled by the JVM or not. */
final class SteadyUpdatesTest {
  /** Several epochs, and refreshes, in a round; reports come round in their ring. */
  private static final int UPDATES = 36;

  private static final int ROUNDS = 3;
  private static final int ROWS = 67;
  private static final int BATCH = 8;
  private static final int WIDTH = 5;
  private static final int LAYERS = 2;

  private static final com.sun.management.ThreadMXBean THREADS =
      (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

  private final Device device = TestDevice.get();

  /** What kernels do is checked by others, and takes most of the time. */
  @BeforeEach
  void checkNothing() {
    if (device.isSoftware()) {
      new SoftwareOptions().set("check", "none");
    }
  }

  @AfterEach
  void checkAgain() {
    if (device.isSoftware()) {
      new SoftwareOptions().restore("check", "none");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "KFRA, true",
    "KFRA, false",
    "KFRA_PAPER, true",
    "KFAC, true",
    "ADAM, true",
    "ADAM, false"
  })
  void anUpdateLeavesNothingOnTheHeap(ReplayedKind kind, boolean resident) {
    try (Batches batches = batches(resident);
        Network network = network();
        Optimizer optimizer = kind.build(network, Loss.bernoulli(), Operations.Mode.KERNELS)) {
      Runnable update = () -> optimizer.advance(batches.next());
      assertThat(heap(update)).as("bytes of %d updates", UPDATES).isZero();
    }
  }

  /** A report is a handle, and its numbers once they have left the ring. */
  @ParameterizedTest
  @EnumSource(names = {"KFRA", "ADAM"})
  void aReportIsAllThatAStepLeaves(ReplayedKind kind) {
    try (Batches batches = batches(true);
        Network network = network();
        Optimizer optimizer = kind.build(network, Loss.bernoulli(), Operations.Mode.KERNELS)) {
      Runnable step = () -> optimizer.step(batches.next());
      long report = 64 + 4 * (Control.SLOTS + LAYERS);
      assertThat(heap(step)).isBetween(1L, UPDATES * report);
    }
  }

  /** By default factors are refreshed as their drift has it, which the host reads. */
  @Test
  void theDefaultLeavesNothingEither() {
    try (Batches batches = batches(true);
        Network network = network();
        Optimizer optimizer = GaussNewton.kfra().build(network, Loss.bernoulli())) {
      Runnable update = () -> optimizer.advance(batches.next());
      assertThat(heap(update)).as("bytes of %d updates", UPDATES).isZero();
    }
  }

  /**
   * Whether the stream is captured, whether the last update is done, the graph, the copy of the
   * report, its event; four looks at the context; where that is another one, there and back.
   */
  @ParameterizedTest
  @EnumSource(names = {"KFRA", "KFLR", "KFAC", "ADAM", "NESTEROV"})
  void anUpdateIsNineCallsOfTheDriver(ReplayedKind kind) throws Exception {
    assumeTrue(DriverCalls.counted(device), "only SoftCUDA counts calls");
    try (Batches batches = batches(true);
        Network network = network();
        Optimizer optimizer = kind.build(network, Loss.bernoulli(), Operations.Mode.KERNELS)) {
      for (int k = 0; k < UPDATES; k++) {
        optimizer.advance(batches.next());
      }
      device.synchronize();
      device.inContext(() -> assertThat(calls(optimizer, batches)).as("current").isEqualTo(9));
      FutureTask<Long> elsewhere = new FutureTask<>(() -> calls(optimizer, batches));
      new Thread(elsewhere).start();
      assertThat(elsewhere.get()).as("none current, on a new thread").isEqualTo(11);
    }
  }

  /** Calls of the driver by an update, which is in the same epoch as the one before. */
  private long calls(Optimizer optimizer, Batches batches) {
    batches.seek(4);
    optimizer.advance(batches.next());
    device.synchronize();
    long before = DriverCalls.of("cu");
    optimizer.advance(batches.next());
    long calls = DriverCalls.of("cu") - before;
    device.synchronize();
    return calls;
  }

  /** The least of some rounds: kinds of updates are captured in the first ones. */
  private long heap(Runnable update) {
    long least = Long.MAX_VALUE;
    for (int round = 0; round < ROUNDS; round++) {
      long nothing = -allocated() + allocated();
      long before = allocated();
      for (int k = 0; k < UPDATES; k++) {
        update.run();
      }
      least = Math.min(least, allocated() - before - nothing);
    }
    device.synchronize();
    return least;
  }

  private static long allocated() {
    return THREADS.getThreadAllocatedBytes(Thread.currentThread().getId());
  }

  private Batches batches(boolean resident) {
    float[] inputs = new float[ROWS * WIDTH];
    float[] targets = new float[ROWS * WIDTH];
    for (int i = 0; i < inputs.length; i++) {
      inputs[i] = i % 11 / 11f;
      targets[i] = i % 7 / 7f;
    }
    Dataset data = Dataset.supervised("rows", inputs, WIDTH, targets, WIDTH);
    return resident ? Batches.resident(device, data, BATCH, 1) : Batches.of(device, data, BATCH, 1);
  }

  private Network network() {
    return Network.input(WIDTH)
        .operations(Operations.Mode.KERNELS)
        .dense(3, Activation.TANH)
        .dense(WIDTH, Activation.IDENTITY)
        .build(device, 1);
  }
}
