package dev.krongauss.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krongauss.model.LossFunction;
import dev.krongauss.net.Activation;
import dev.krongauss.net.Loss;
import dev.krongauss.net.Network;
import dev.krongauss.optim.Adam;
import dev.krongauss.optim.GaussNewton;
import dev.krongauss.optim.Optimizer;
import dev.krongauss.testing.DeviceBatch;
import dev.krongauss.testing.TestDevice;
import jcuda.driver.JCudaDriver;
import org.junit.jupiter.api.Test;
import org.lwjgl.system.JNI;
import org.lwjgl.system.MemoryStack;
import org.lwjgl.system.MemoryUtil;
import org.lwjgl.system.linux.DynamicLinkLoader;

/** Nothing is left: by the device's own books and by the driver's, which knows nothing of them. */
final class MemoryTest {
  private static final int ROUNDS = 50;

  /**
   * What a GPU's driver may hold for itself, and programs beside this one meanwhile: pools, images
   * and stacks of kernels. One optimiser holds 8 MiB for its Gram matrices alone, so that half of
   * the rounds left behind are well above.
   */
  private static final long SLACK_BYTES = 64L << 20;

  /** RTLD_DEFAULT of dlsym. */
  private static final long EVERY_LIBRARY = 0;

  private final Device shared = TestDevice.get();

  @Test
  void roundsOfNetworkAndOptimizerDoNotGrow() {
    train(shared, GaussNewton.kflr()::build);
    train(shared, GaussNewton.kfra()::build); // loads and keeps what the rounds need
    train(shared, Adam.builder()::build);
    long books = shared.allocatedBytes();
    long driver = driverBytes();
    for (int round = 0; round < ROUNDS; round++) {
      train(shared, round % 2 == 0 ? GaussNewton.kfra()::build : Adam.builder()::build);
      assertThat(shared.allocatedBytes()).as("round %d", round).isEqualTo(books);
    }
    assertThatTheDriverHolds(driver);
  }

  @Test
  void aClosedDeviceHoldsNothing() {
    long driver = driverBytes();
    Device device = Device.open();
    Network network = network(device);
    DeviceBatch batch = batch(device);
    Optimizer optimizer = GaussNewton.kfra().build(network, Loss.squared());
    optimizer.step(batch);
    device.newStream();
    Staging staging = device.staging(4096);
    assertThat(device.allocatedBytes()).isPositive();
    device.close(); // nothing was closed before it
    assertThat(device.allocatedBytes()).isZero();
    assertThatTheDriverHolds(driver);
    assertThatThrownBy(() -> device.newArena("too late"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("closed");
    assertThatThrownBy(staging::floats)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("4096 bytes is closed");
    device.close();
  }

  @Test
  void memoryAndCopiesAreCounted() {
    shared.resetPeak();
    Usage before = shared.usage();
    assertThat(before.peakDeviceBytes()).isEqualTo(before.deviceBytes());
    try (Arena arena = shared.newArena("counted")) {
      Buffer buffer = arena.floats(100, "buffer");
      try (Arena inner = shared.newArena("for a while")) {
        inner.floats(50, "buffer");
      }
      Matrix matrix = arena.matrix(2, 3, "matrix"); // rows are padded to 32 floats
      try (Staging staging = shared.staging(1000)) {
        assertThat(shared.usage().pinnedBytes() - before.pinnedBytes()).isEqualTo(1000);
        buffer.upload(new float[7], shared.stream());
        buffer.downloadInts(5, shared.stream());
        matrix.upload(new float[6], shared.stream());
        matrix.download(shared.stream());
        staging.copyTo(matrix, shared.stream());
        staging.copyFrom(matrix.pointer(), 0, 12, shared.stream());
        shared.synchronize();
      }
      Usage after = shared.usage();
      assertThat(after.deviceBytes() - before.deviceBytes()).isEqualTo(4 * (100 + 64));
      assertThat(after.peakDeviceBytes() - before.deviceBytes()).isEqualTo(4 * (100 + 64));
      assertThat(after.pinnedBytes()).isEqualTo(before.pinnedBytes());
      assertThat(after.uploadedBytes() - before.uploadedBytes()).isEqualTo(4 * (7 + 6 + 6));
      assertThat(after.downloadedBytes() - before.downloadedBytes()).isEqualTo(4 * (5 + 6 + 3));
    }
    assertThat(shared.usage().deviceBytes()).isEqualTo(before.deviceBytes());
    assertThat(shared.usage().peakDeviceBytes() - before.deviceBytes()).isEqualTo(4 * (100 + 64));
  }

  @Test
  void closingInAnyOrderIsFine() {
    long books = shared.allocatedBytes();
    Network network = network(shared);
    DeviceBatch batch = batch(shared);
    Optimizer optimizer = GaussNewton.kfac().build(network, Loss.squared());
    optimizer.step(batch);
    network.close();
    batch.close();
    optimizer.close();
    network.close();
    assertThat(shared.allocatedBytes()).isEqualTo(books);
  }

  private static void train(Device device, Build build) {
    try (Network network = network(device);
        DeviceBatch batch = batch(device);
        Optimizer optimizer = build.apply(network, Loss.squared())) {
      for (int k = 0; k < 2; k++) {
        assertThat(optimizer.step(batch).accepted()).isTrue();
      }
    }
  }

  private static Network network(Device device) {
    return Network.input(3)
        .dense(5, Activation.TANH)
        .dense(2, Activation.IDENTITY)
        .build(device, 1);
  }

  private static DeviceBatch batch(Device device) {
    double[][] X = {{1, 0, 0.5}, {0, 1, -0.5}, {0.25, 0.5, 1}, {-1, 0.75, 0}};
    double[][] T = {{1, 0}, {0, 1}, {0.5, 0.5}, {-1, 1}};
    return DeviceBatch.of(device, X, T);
  }

  /** Exactly on SoftCUDA, which counts its own; a GPU says only what is free. */
  private void assertThatTheDriverHolds(long before) {
    long slack = shared.isSoftware() ? 0 : SLACK_BYTES;
    assertThat(driverBytes())
        .as("bytes that the driver holds, %d before", before)
        .isBetween(before - slack, before + slack);
  }

  private long driverBytes() {
    shared.synchronize();
    if (shared.isSoftware()) {
      // SoftCUDA counts its own allocations; its free memory is the machine's, where others live
      // too.
      try (MemoryStack stack = MemoryStack.stackPush()) {
        long name = MemoryUtil.memAddress(stack.ASCII("softcudaBytesInUse"));
        return JNI.invokeJ(DynamicLinkLoader.ndlsym(EVERY_LIBRARY, name));
      }
    }
    long[] free = new long[1];
    long[] total = new long[1];
    shared.inContext(() -> assertThat(JCudaDriver.cuMemGetInfo(free, total)).isZero());
    return total[0] - free[0];
  }

  /** An optimiser's build. */
  private interface Build {
    Optimizer apply(Network network, LossFunction loss);
  }
}
