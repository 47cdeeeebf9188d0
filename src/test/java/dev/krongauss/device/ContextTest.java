package dev.krongauss.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.krongauss.net.Loss;
import dev.krongauss.net.Network;
import dev.krongauss.optim.GaussNewton;
import dev.krongauss.optim.Optimizer;
import dev.krongauss.testing.ChildJvm;
import dev.krongauss.testing.DeviceBatch;
import dev.krongauss.testing.DriverCalls;
import dev.krongauss.testing.TestDevice;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The thread's current context is the caller's. */
final class ContextTest {
  private final Device shared = TestDevice.get();

  /** What a caller may have current. */
  enum Current {
    NONE,
    OWN,
    PRIMARY
  }

  @ParameterizedTest
  @EnumSource(Current.class)
  void everyEntryPointLeavesItAsItWas(Current kind) {
    List<String> changed =
        DeviceFixture.onThread(
            () -> {
              CUcontext own = DeviceFixture.create();
              CUcontext wanted = of(kind, own);
              DeviceFixture.makeCurrent(wanted);
              List<String> wrong = new ArrayList<>();
              EntryPoints.inOrder()
                  .forEach(
                      (name, step) -> {
                        step.run();
                        if (!DeviceFixture.current().equals(wanted)) {
                          wrong.add(name);
                          DeviceFixture.makeCurrent(wanted);
                        }
                      });
              DeviceFixture.makeCurrent(new CUcontext());
              DeviceFixture.destroy(own);
              return wrong;
            });
    assertThat(changed).isEmpty();
  }

  @Test
  void aCallersContextMemoryAndStreamLiveBesideADevice() {
    DeviceFixture.onThread(
        () -> {
          CUcontext own = DeviceFixture.create();
          DeviceFixture.makeCurrent(own);
          CUdeviceptr memory = new CUdeviceptr();
          assertThat(JCudaDriver.cuMemAlloc(memory, 4096)).isZero();
          CUstream stream = new CUstream();
          assertThat(JCudaDriver.cuStreamCreate(stream, 0)).isZero();
          try (Device device = Device.open()) {
            DeviceFixture.train(device, 12, GaussNewton.kfra()::build);
            assertThatThrownBy(() -> device.wrap(stream))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("belongs to another context")
                .hasMessageContaining("cuCtxSetCurrent(device.context())");
            assertThat(JCudaDriver.cuStreamSynchronize(stream)).isZero();
          }
          assertThat(DeviceFixture.current()).isEqualTo(own);
          assertThat(JCudaDriver.cuMemFree(memory)).isZero();
          assertThat(JCudaDriver.cuMemAlloc(memory, 4096)).isZero();
          assertThat(JCudaDriver.cuMemFree(memory)).isZero();
          DeviceFixture.destroy(own);
          return null;
        });
  }

  @Test
  void theCallersCallsFindTheDevicesContextWhereTheyAskForIt() {
    CUstream stream = new CUstream();
    assertThat(
            shared.inContext(
                () -> {
                  assertThat(DeviceFixture.current()).isEqualTo(shared.context());
                  return JCudaDriver.cuStreamCreate(stream, 0);
                }))
        .isZero();
    Stream wrapped = shared.wrap(stream);
    try (Arena arena = shared.newArena("wrapped")) {
      Matrix W = arena.matrix(1, 2, "W");
      W.upload(new float[] {1, 2}, wrapped);
      assertThat(W.download(wrapped)).containsExactly(1f, 2f);
    }
    wrapped.close();
    shared.inContext(() -> assertThat(JCudaDriver.cuStreamDestroy(stream)).isZero());
  }

  /** Such as a loss on the host that uses another library. */
  @ParameterizedTest
  @EnumSource(Current.class)
  void whatACallbackLeavesCurrentIsNotTheCallers(Current kind) {
    CUcontext others = DeviceFixture.create();
    CUcontext own = DeviceFixture.create();
    for (CUcontext left : List.of(new CUcontext(), others, shared.context())) {
      CUcontext after =
          DeviceFixture.onThread(
              () -> {
                DeviceFixture.makeCurrent(of(kind, own));
                shared.inContext(
                    () -> {
                      for (int datapoint = 0; datapoint < 3; datapoint++) {
                        DeviceFixture.makeCurrent(left);
                        shared.stream().synchronize();
                      }
                    });
                return DeviceFixture.current();
              });
      assertThat(after).as("%s was left", left).isEqualTo(of(kind, own));
    }
    DeviceFixture.destroy(others);
    DeviceFixture.destroy(own);
  }

  @Test
  void aDeviceHasANumber() {
    int count = Devices.count();
    assertThat(count).isPositive();
    try (Device last = Devices.open(count - 1)) {
      assertThat(last.name()).isNotEmpty();
    }
    for (int wrong : new int[] {-1, count}) {
      assertThatThrownBy(() -> Devices.open(wrong))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("device " + wrong + " of " + count);
    }
  }

  @Test
  void devicesOfOneJvmComeAndGo() {
    Device first = Device.open();
    Device second = Device.open();
    assertThat(first.context()).isEqualTo(second.context());
    List<float[]> wanted = DeviceFixture.train(first, 12, GaussNewton.kfra()::build);
    Event left = first.newEvent();
    Stream stream = first.newStream();
    DeviceFixture.onThread(
        () -> {
          first.close();
          return null;
        });
    assertThat(DeviceFixture.train(second, 12, GaussNewton.kfra()::build))
        .usingRecursiveComparison()
        .isEqualTo(wanted);
    left.close();
    stream.close();
    assertThatThrownBy(stream::synchronize)
        .isInstanceOf(DeviceException.class)
        .hasMessageContaining("is closed");
    second.close();
  }

  @Test
  void threadsWithContextsAndDevicesOfTheirOwnTrainAtOnce() {
    List<float[]> wanted = DeviceFixture.train(shared, 25, GaussNewton.kfra()::build);
    List<CompletableFuture<List<float[]>>> threads = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      threads.add(CompletableFuture.supplyAsync(ContextTest::trainBesideOwnContext));
    }
    for (CompletableFuture<List<float[]>> thread : threads) {
      assertThat(thread.join()).usingRecursiveComparison().isEqualTo(wanted);
    }
  }

  private static List<float[]> trainBesideOwnContext() {
    return DeviceFixture.onThread(
        () -> {
          CUcontext own = DeviceFixture.create();
          DeviceFixture.makeCurrent(own);
          try (Device device = Device.open()) {
            return DeviceFixture.train(device, 25, GaussNewton.kfra()::build);
          } finally {
            assertThat(DeviceFixture.current()).isEqualTo(own);
            DeviceFixture.destroy(own);
          }
        });
  }

  /** It is lost to the thread that has it current, and must not stay so. */
  @Test
  void theContextOfTheLastDeviceIsNotLeftCurrent() throws IOException {
    ChildJvm.Result result =
        new ChildJvm().property("krongauss.device", kind()).run(LastDevice.class);
    assertThat(result.status()).as(result.output()).isZero();
    assertThat(result.output()).contains("none current: true");
    assertThat(result.output()).contains("the caller's current again: true");
    assertThat(result.output()).doesNotContain("could not be made so again");
  }

  private String kind() {
    return shared.isSoftware() ? "software" : "cuda";
  }

  /**
   * A JVM with one device at a time, whose context its caller has made current, or that is closed
   * by work in its context.
   */
  static final class LastDevice {
    private LastDevice() {}

    public static void main(String[] arguments) {
      Device device = Device.open();
      DeviceFixture.makeCurrent(device.context());
      device.close();
      System.out.println("none current: " + DeviceFixture.current().equals(new CUcontext()));
      CUcontext own = DeviceFixture.create();
      DeviceFixture.makeCurrent(own);
      Device another = Device.open();
      another.inContext(() -> another.inContext(another::close));
      System.out.println("the caller's current again: " + DeviceFixture.current().equals(own));
    }
  }

  @Test
  void callsInAnUpdateAreOneChangeOfContextAtMost() {
    assumeTrue(DriverCalls.counted(shared), "only SoftCUDA counts");
    assertThat(changesInUpdates(Current.PRIMARY)).isZero();
    assertThat(changesInUpdates(Current.NONE)).isEqualTo(2 * 6);
    assertThat(changesInUpdates(Current.OWN)).isEqualTo(2 * 6);
  }

  /** Changes of the current context in six updates, of which each is replayed. */
  private long changesInUpdates(Current kind) {
    return DeviceFixture.onThread(
        () -> {
          CUcontext own = DeviceFixture.create();
          long changes;
          try (Network network = DeviceFixture.network(shared);
              DeviceBatch batch = DeviceFixture.batch(shared);
              Optimizer optimizer = GaussNewton.kfra().build(network, Loss.squared())) {
            for (int k = 0; k < 25; k++) {
              optimizer.step(batch);
            }
            shared.synchronize();
            DeviceFixture.makeCurrent(of(kind, own));
            long before = changes();
            for (int k = 0; k < 6; k++) {
              optimizer.step(batch);
            }
            changes = changes() - before;
          }
          DeviceFixture.makeCurrent(new CUcontext());
          DeviceFixture.destroy(own);
          return changes;
        });
  }

  private static long changes() {
    return DriverCalls.of("cuCtxPush") + DriverCalls.of("cuCtxPop") + DriverCalls.of("cuCtxSet");
  }

  private CUcontext of(Current kind, CUcontext own) {
    return switch (kind) {
      case NONE -> new CUcontext();
      case OWN -> own;
      case PRIMARY -> shared.context();
    };
  }
}
