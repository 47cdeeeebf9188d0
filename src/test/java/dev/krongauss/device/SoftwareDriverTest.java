package dev.krongauss.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.krongauss.testing.TestDevice;
import java.nio.charset.StandardCharsets;
import jcuda.Pointer;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUfunction;
import jcuda.driver.CUmodule;
import jcuda.driver.JCudaDriver;
import org.junit.jupiter.api.Test;

/**
 * What SoftCUDA finds reaches the caller as an exception; options that do not exist are refused.
 */
final class SoftwareDriverTest {
  private final Device shared = TestDevice.get();

  @Test
  void aKernelOutOfBoundsIsToldAtTheNextSynchronisation() {
    assertStoreFails(0, "CUDA_ERROR_ILLEGAL_ADDRESS (700)");
  }

  @Test
  void aMisalignedKernelIsToldAtTheNextSynchronisation() {
    assertStoreFails(2, "CUDA_ERROR_MISALIGNED_ADDRESS (716)");
  }

  @Test
  void anUnknownOptionIsRefusedWithTheListOfAllowedOnes() {
    System.setProperty("krongauss.softcuda.chek", "all");
    try {
      assertThatThrownBy(NativeLoader::checkOptions)
          .isInstanceOf(DeviceException.class)
          .hasMessageContaining("krongauss.softcuda.chek")
          .hasMessageContaining("krongauss.softcuda.check, krongauss.softcuda.workers");
    } finally {
      System.clearProperty("krongauss.softcuda.chek");
    }
  }

  /** In a context of its own, since a context does not survive such a failure. */
  private void assertStoreFails(long address, String code) {
    assumeTrue(shared.isSoftware(), "the report is SoftCUDA's");
    String checks = System.getProperty("krongauss.softcuda.check", "none");
    assumeTrue(checks.contains("all") || checks.contains("memory"), "checks are " + checks);
    CUdevice device = new CUdevice();
    assertThat(JCudaDriver.cuDeviceGet(device, 0)).isZero();
    CUcontext context = new CUcontext();
    assertThat(JCudaDriver.cuCtxCreate(context, 0, device)).isZero();
    try {
      CUmodule module = new CUmodule();
      CUfunction function = new CUfunction();
      byte[] image = (DeviceFixture.STORE + "\0").getBytes(StandardCharsets.US_ASCII);
      assertThat(JCudaDriver.cuModuleLoadData(module, image)).isZero();
      assertThat(JCudaDriver.cuModuleGetFunction(function, module, "store_at")).isZero();
      Pointer parameters = Pointer.to(Pointer.to(new long[] {address}));
      int launched =
          JCudaDriver.cuLaunchKernel(function, 1, 1, 1, 1, 1, 1, 0, null, parameters, null);
      assertThat(launched).isZero();
      assertThatThrownBy(
              () -> Driver.checkAnywhere("synchronisation", JCudaDriver::cuCtxSynchronize))
          .isInstanceOf(DeviceException.class)
          .hasMessageContaining("synchronisation failed: " + code)
          .hasMessageContaining("store_at")
          .hasMessageContaining("PTX line 9");
    } finally {
      JCudaDriver.cuCtxDestroy(context);
    }
  }
}
