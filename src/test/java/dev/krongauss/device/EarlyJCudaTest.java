package dev.krongauss.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.krongauss.testing.ChildJvm;
import dev.krongauss.testing.TestDevice;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import jcuda.driver.JCudaDriver;
import jcuda.jcublas.JCublas2;
import org.junit.jupiter.api.Test;
import org.lwjgl.system.linux.DynamicLinkLoader;

/** Programs that begin with a call of JCuda, as its samples do. */
final class EarlyJCudaTest {
  @Test
  void theMessageSaysToOpenTheDeviceFirst() throws IOException {
    assumeTrue(
        TestDevice.get().reason().contains("cannot open shared object file"),
        "a driver is installed, and JCuda loads");
    ChildJvm.Result result = run(DriverFirst.class);
    assertThat(result.status()).isZero();
    assertThat(result.output())
        .contains("JCudaDriver was touched before Device.open()")
        .contains("open the Device first")
        .doesNotContain("cache");
  }

  @Test
  void aLibraryTouchedTooEarlyIsMissingWithTheReason() throws IOException {
    assumeTrue(TestDevice.get().isSoftware(), "libcublas.so.12 may be installed");
    ChildJvm.Result result = run(BlasFirst.class);
    assertThat(result.status()).isZero();
    assertThat(result.output()).contains("no cuBLAS (JCublas2 was touched before Device.open()");
  }

  @Test
  void anotherDriverThatIsLoadedAlreadyIsNamed() throws IOException {
    assumeTrue(TestDevice.get().isSoftware(), "the driver in use is another");
    ChildJvm.Result result = run(OtherDriver.class);
    assertThat(result.status()).as(result.output()).isZero();
    assertThat(result.output())
        .contains("this JVM has loaded another libcuda.so.1 already")
        .contains("open the Device first");
  }

  private static ChildJvm.Result run(Class<?> program) throws IOException {
    return new ChildJvm().property("krongauss.device", "software").run(program);
  }

  /** Loads a driver's library that is not SoftCUDA: SoftCUDA with one name spoilt. */
  static final class OtherDriver {
    private OtherDriver() {}

    public static void main(String[] arguments) throws IOException {
      String library =
          new String(
              Resources.read("native/linux-x86_64/libcuda.so.1"), StandardCharsets.ISO_8859_1);
      Path folder = Files.createTempDirectory("krongauss-other-driver");
      Path other = folder.resolve("libcuda.so.1");
      Files.writeString(
          other,
          library.replace("softcudaLastMessage", "softcudaLostMessage"),
          StandardCharsets.ISO_8859_1);
      long handle = DynamicLinkLoader.dlopen(other.toString(), DynamicLinkLoader.RTLD_NOW);
      Files.delete(other);
      Files.delete(folder);
      if (handle == 0) {
        throw new AssertionError(DynamicLinkLoader.dlerror());
      }
      try (Device device = Device.open()) {
        throw new AssertionError("opened " + device);
      } catch (DeviceException e) {
        System.out.println(e.getMessage());
      }
    }
  }

  /** Touches the driver. */
  static final class DriverFirst {
    private DriverFirst() {}

    public static void main(String[] arguments) {
      try {
        JCudaDriver.setExceptionsEnabled(true);
        throw new AssertionError("JCuda has loaded");
      } catch (UnsatisfiedLinkError e) {
        // As such a program would find, and go on.
      }
      open();
      open();
    }

    private static void open() {
      try (Device device = Device.open()) {
        throw new AssertionError("opened " + device);
      } catch (DeviceException e) {
        System.out.println(e.getMessage());
      }
    }
  }

  /** Touches cuBLAS. */
  static final class BlasFirst {
    private BlasFirst() {}

    public static void main(String[] arguments) {
      try {
        JCublas2.setExceptionsEnabled(true);
        throw new AssertionError("cuBLAS has loaded");
      } catch (UnsatisfiedLinkError e) {
        // As such a program would find, and go on.
      }
      Device.open().close();
    }
  }
}
