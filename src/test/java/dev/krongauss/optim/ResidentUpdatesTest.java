package dev.krongauss.optim;

import static dev.krongauss.optim.GraphsSetting.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.krongauss.data.Batches;
import dev.krongauss.data.Dataset;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.model.Batch;
import dev.krongauss.net.Activation;
import dev.krongauss.net.Loss;
import dev.krongauss.net.Network;
import dev.krongauss.testing.DriverCalls;
import dev.krongauss.testing.TestDevice;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Updates that begin with gathering their batch from a data set on the device. */
final class ResidentUpdatesTest {
  private static final int ROWS = 67; // three are left out of each epoch
  private static final int BATCH = 8;
  private static final int PER_EPOCH = 8;
  private static final int WIDTH = 5;
  private static final Operations.Mode MODE = Operations.Mode.KERNELS;

  private final Device device = TestDevice.get();

  /** What becomes of the batches of three epochs. */
  private interface Course {
    void train(Batches batches, Network network, Optimizer optimizer);
  }

  @ParameterizedTest
  @EnumSource
  void trainAsSentBatchesDo(ReplayedKind kind) {
    Course course = (batches, network, optimizer) -> steps(batches, optimizer, 3 * PER_EPOCH);
    float[][] sent = trained(kind, false, course);
    assertThat(trained(kind, true, course)).isDeepEqualTo(sent);
    assertThat(with("off", () -> trained(kind, true, course))).isDeepEqualTo(sent);
  }

  @Test
  void trainInChunksAsSentBatchesDo() {
    float[][] sent = chunked(false);
    assertThat(chunked(true)).isDeepEqualTo(sent);
  }

  private float[][] chunked(boolean resident) {
    try (Batches batches = batches(resident);
        Network network = network();
        Optimizer optimizer =
            GaussNewton.kfra().operations(MODE).chunks(4).build(network, Loss.bernoulli())) {
      steps(batches, optimizer, 2 * PER_EPOCH);
      assertThat(optimizer.graphNodes()).as("replayed").isPositive();
      return network.weights();
    }
  }

  /** Looks at batches, skips some, goes back, listens, and takes matrices: the same batches. */
  @ParameterizedTest
  @EnumSource(names = {"KFRA", "ADAM"})
  void theBatchIsTheOneThatWasGiven(ReplayedKind kind) {
    Course course = ResidentUpdatesTest::disturbed;
    assertThat(trained(kind, true, course)).isDeepEqualTo(trained(kind, false, course));
  }

  private static void disturbed(Batches batches, Network network, Optimizer optimizer) {
    for (int k = 0; k < 5 * PER_EPOCH; k++) {
      Batch batch = batches.next();
      if (k % 7 == 3) {
        batch = batches.next();
      }
      if (k % 11 == 5) {
        batches.seek(2 * k);
        batch = batches.next();
      }
      if (k % 5 == 2) {
        network.forward(batch, network.device().stream()); // gathers it before the update
      }
      optimizer.step(batch, k % 13 == 7 ? phase -> {} : null);
      if (k % 5 == 4) {
        optimizer.step(batch); // the same once more
      }
      if (k > 3 * PER_EPOCH) {
        optimizer.step(new Matrices(batch.size(), batch.inputs(), batch.targets()));
      }
    }
  }

  private record Matrices(int size, Matrix inputs, Matrix targets) implements Batch {}

  /** Memory that is given back comes again: graphs of the batches before gather nothing there. */
  @Test
  void otherBatchesAtTheSamePlaceAreNoticed() {
    float[][] weights = null;
    for (boolean resident : new boolean[] {false, true}) {
      try (Network network = network();
          Optimizer optimizer = ReplayedKind.KFRA.build(network, Loss.bernoulli(), MODE)) {
        for (int epoch = 0; epoch < 4; epoch++) {
          try (Batches batches = batches(resident)) {
            batches.seek((long) epoch * PER_EPOCH);
            steps(batches, optimizer, PER_EPOCH);
          }
        }
        if (resident) {
          assertThat(network.weights()).isDeepEqualTo(weights);
        }
        weights = network.weights();
      }
    }
  }

  /** A data set on the device: an update is one launch of a graph, an epoch sends a permutation. */
  @ParameterizedTest
  @EnumSource(names = {"KFRA", "KFLR", "KFAC", "ADAM", "NESTEROV"})
  void anUpdateIsOneLaunch(ReplayedKind kind) {
    assumeTrue(DriverCalls.counted(device), "only SoftCUDA counts calls");
    try (Batches batches = batches(true);
        Network network = network();
        Optimizer optimizer = kind.build(network, Loss.bernoulli(), MODE)) {
      steps(batches, optimizer, 3 * PER_EPOCH + 2); // the next permutation is there, too
      long sent = device.usage().uploadedBytes();
      long graphs = DriverCalls.of("cuGraphLaunch");
      long kernels = DriverCalls.of("cuLaunchKernel");
      long fills = DriverCalls.of("cuMemset");
      steps(batches, optimizer, PER_EPOCH - 2);
      assertThat(device.usage().uploadedBytes() - sent).as("bytes sent").isZero();
      assertThat(DriverCalls.of("cuGraphLaunch") - graphs).isEqualTo(PER_EPOCH - 2);
      assertThat(DriverCalls.of("cuLaunchKernel") - kernels).as("other launches").isZero();
      assertThat(DriverCalls.of("cuMemset") - fills).as("fills").isZero();
      steps(batches, optimizer, PER_EPOCH);
      assertThat(device.usage().uploadedBytes() - sent).as("of an epoch").isEqualTo(4L * ROWS);
    }
  }

  /** Eight layers, as the paper's autoencoder has; widths change no count. */
  @Test
  void anUpdateOfEightLayersHasTwelveNodes() {
    try (Batches batches = batches(true);
        Network network = network(7, 6, 5, 3, 5, 6, 7);
        GaussNewton optimizer =
            (GaussNewton) ReplayedKind.KFRA.build(network, Loss.bernoulli(), MODE)) {
      steps(batches, optimizer, 2 * PER_EPOCH);
      assertThat(optimizer.graphNodes(false, false)).as("plain").isBetween(1, 12);
    }
    try (Batches batches = batches(true);
        Network network = network(7, 6, 5, 3, 5, 6, 7);
        Optimizer optimizer = ReplayedKind.ADAM.build(network, Loss.bernoulli(), MODE)) {
      steps(batches, optimizer, 3);
      assertThat(optimizer.graphNodes()).as("Adam").isBetween(1, 7);
    }
  }

  private float[][] trained(ReplayedKind kind, boolean resident, Course course) {
    try (Batches batches = batches(resident);
        Network network = network();
        Optimizer optimizer = kind.build(network, Loss.bernoulli(), MODE)) {
      course.train(batches, network, optimizer);
      return network.weights();
    }
  }

  private static void steps(Batches batches, Optimizer optimizer, int count) {
    for (int k = 0; k < count; k++) {
      optimizer.step(batches.next());
    }
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

  private Network network(int... hidden) {
    var builder = Network.input(WIDTH).operations(MODE);
    for (int width : hidden.length == 0 ? new int[] {3} : hidden) {
      builder = builder.dense(width, Activation.TANH);
    }
    return builder.dense(WIDTH, Activation.IDENTITY).build(device, 1);
  }
}
