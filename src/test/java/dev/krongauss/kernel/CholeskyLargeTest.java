package dev.krongauss.kernel;

import dev.krongauss.device.Device;
import dev.krongauss.mutation.SoftwareOptions;
import dev.krongauss.testing.TestDevice;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Large matrices: up to n = 2049, on SoftCUDA with the memory check alone beyond 1025. {@code
 * -Dkrongauss.long=true} goes up to 4097, with the checks that are on; {@code
 * -Dkrongauss.softcuda.check=memory} beside it for one check there too.
 */
final class CholeskyLargeTest {
  private static final boolean LONG = Boolean.getBoolean("krongauss.long");

  private final Device device = TestDevice.get();

  static Stream<Size> sizes() {
    return new CholeskyLargeCase().sizes().stream().filter(s -> LONG || s.get("n") <= 2049);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("sizes")
  void holdsItsBounds(Size size) {
    boolean fewer = device.isSoftware() && !LONG && size.get("n") > 1025;
    if (fewer) {
      new SoftwareOptions().set("check", "memory");
    }
    try {
      KernelTest.execute(
          new KernelTest.Run(new CholeskyLargeCase(), size, KernelCase.Variant.MIXED), device);
    } finally {
      if (fewer) {
        new SoftwareOptions().restore("check", "none");
      }
    }
  }
}
