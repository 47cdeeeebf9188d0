package dev.krongauss.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.krongauss.optim.GaussNewton;
import dev.krongauss.testing.ChildJvm;
import dev.krongauss.testing.TestDevice;
import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;
import jcuda.driver.JCudaDriver;
import org.junit.jupiter.api.Test;

/** What a program sees of a kernel that writes outside its memory. */
final class FaultTest {
  /** As a GPU does. */
  @Test
  void aFaultThatLastsAsksForANewJvm() throws IOException {
    String output = outputWith("process", Program.class);
    assertThat(output)
        .contains("device memory is freed after a failure of the device: CUDA error 700")
        .contains("use: stream synchronisation failed: CUDA_ERROR_ILLEGAL_ADDRESS (700)")
        .contains("close: closing device SoftCUDA")
        .contains("more failures: ")
        .contains("close says: start the JVM anew")
        .contains("close again: nothing")
        .contains("open: the device failed before: ")
        .contains("open says: start the JVM anew");
  }

  /** As SoftCUDA does, where the context alone is lost. */
  @Test
  void aFaultOfAContextEndsWithItsDevice() throws IOException {
    String output = outputWith("context", Program.class);
    assertThat(output)
        .contains("device memory is freed after a failure of the device: CUDA error 700")
        .contains("use: stream synchronisation failed: CUDA_ERROR_ILLEGAL_ADDRESS (700)")
        .contains("close: closing device SoftCUDA")
        .contains("a device of this JVM had a fault")
        .contains("open: works, 12 updates, bytes held 0");
  }

  /** All that is closed after it fails by it. */
  @Test
  void aFaultIsExplainedOnceHoweverMuchIsClosedAfterIt() throws IOException {
    for (String output :
        List.of(outputWith("process", Waiting.class), outputWith("context", Closing.class))) {
      assertThat(output)
          .containsOnlyOnce("illegal address: store")
          .containsOnlyOnce("device memory is freed after a failure")
          .contains("closing arena 'first': 1 of 1 releases failed")
          .contains("closing device SoftCUDA")
          .contains("by the fault that was reported before");
    }
  }

  private static String outputWith(String lasting, Class<?> program) throws IOException {
    assumeTrue(TestDevice.get().isSoftware(), "a fault would end this JVM's use of the GPU");
    ChildJvm.Result result =
        new ChildJvm()
            .property("krongauss.device", "software")
            .property("krongauss.softcuda.check", "memory")
            .property("krongauss.softcuda.fault", lasting)
            .run(program);
    assertThat(result.status()).as(result.output()).isZero();
    return result.output();
  }

  /** Waits for the fault and closes. */
  static final class Waiting {
    private Waiting() {}

    public static void main(String[] arguments) {
      fail(Device::synchronize);
    }
  }

  /** Closes at once: what is closed first reports the fault. */
  static final class Closing {
    private Closing() {}

    public static void main(String[] arguments) {
      fail(device -> {});
    }
  }

  private static void fail(Consumer<Device> last) {
    try (Device device = Device.open();
        Arena first = device.newArena("first");
        Arena second = device.newArena("second")) {
      first.floats(100, "one");
      second.floats(100, "two");
      device.staging(1000);
      Stream stream = device.newStream();
      device.userFunction("store", DeviceFixture.STORE, "store_at").on(stream).pointer(0).launch();
      last.accept(device);
    } catch (DeviceException e) {
      e.printStackTrace(System.out);
    }
  }

  /** Says what each call came to. */
  static final class Program {
    private Program() {}

    public static void main(String[] arguments) {
      Device device = Device.open();
      // A failing program may have any mode.
      JCudaDriver.setExceptionsEnabled(
          System.getProperty("krongauss.softcuda.fault").equals("context"));
      Stream stream = device.newStream();
      device.newEvent().record(stream);
      device.staging(1000);
      device.newArena("first").floats(100, "one");
      device.newArena("second").floats(100, "two");
      device.userFunction("store", DeviceFixture.STORE, "store_at").on(stream).pointer(0).launch();
      say("use", stream::synchronize);
      say("close", device::close);
      say("close again", device::close);
      say("open", Program::again);
    }

    private static void again() {
      try (Device device = Device.open()) {
        DeviceFixture.train(device, 12, GaussNewton.kfra()::build);
        System.out.println("open: works, 12 updates, bytes held " + device.allocatedBytes());
      }
    }

    private static void say(String what, Runnable call) {
      try {
        call.run();
        System.out.println(what + ": nothing");
      } catch (DeviceException e) {
        System.out.println(what + ": " + e.getMessage());
        System.out.println("more failures: " + e.getSuppressed().length);
        if (e.getMessage().contains("start the JVM anew")) {
          System.out.println(what + " says: start the JVM anew");
        }
      }
    }
  }
}
