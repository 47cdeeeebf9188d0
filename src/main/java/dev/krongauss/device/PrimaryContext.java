package dev.krongauss.device;

import static jcuda.driver.JCudaDriver.cuCtxGetCurrent;
import static jcuda.driver.JCudaDriver.cuCtxSetCurrent;
import static jcuda.driver.JCudaDriver.cuDeviceGet;
import static jcuda.driver.JCudaDriver.cuDeviceGetAttribute;
import static jcuda.driver.JCudaDriver.cuDeviceGetCount;
import static jcuda.driver.JCudaDriver.cuDeviceGetName;
import static jcuda.driver.JCudaDriver.cuDevicePrimaryCtxGetState;
import static jcuda.driver.JCudaDriver.cuDevicePrimaryCtxRelease;
import static jcuda.driver.JCudaDriver.cuDevicePrimaryCtxRetain;
import static jcuda.driver.JCudaDriver.cuInit;

import java.nio.charset.StandardCharsets;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdevice_attribute;
import jcuda.driver.CUresult;

/**
 * The primary context of a device, which its users count: CUDA's runtime, other libraries and other
 * {@link Device}s of the JVM share it. Nothing here is current for a thread.
 */
final class PrimaryContext {
  private final CUdevice device = new CUdevice();
  private final CUcontext handle = new CUcontext();

  /**
   * Counts in one user more.
   *
   * @param number of the device, from 0
   */
  PrimaryContext(int number) {
    int there = devices();
    Check.that(
        number >= 0 && number < there,
        "device %d of %d that this process may use; count from 0",
        number,
        there);
    Driver.checkAnywhere("query of device " + number, () -> cuDeviceGet(device, number));
    Driver.checkAnywhere(
        "creation of the device's context", () -> cuDevicePrimaryCtxRetain(handle, device));
  }

  /** How many there are for this process. */
  static int devices() {
    Driver.checkAnywhere("initialisation of the CUDA driver", () -> cuInit(0));
    int[] count = new int[1];
    Driver.checkAnywhere("count of devices", () -> cuDeviceGetCount(count));
    return count[0];
  }

  CUcontext handle() {
    return handle;
  }

  String deviceName() {
    byte[] text = new byte[256];
    Driver.checkAnywhere(
        "query of the device's name", () -> cuDeviceGetName(text, text.length, device));
    return new String(text, StandardCharsets.UTF_8).trim();
  }

  int multiprocessors() {
    return attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT);
  }

  /** Times ten. */
  int computeCapability() {
    return 10 * attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR)
        + attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR);
  }

  private int attribute(int which) {
    int[] value = new int[1];
    Driver.checkAnywhere(
        "query of a device attribute", () -> cuDeviceGetAttribute(value, which, device));
    return value[0];
  }

  /** Counts out one user; the last one's context ends, and is not left current for this thread. */
  void release() {
    int result = Driver.code(() -> cuDevicePrimaryCtxRelease(device));
    CUcontext current = new CUcontext();
    int asked = Driver.code(() -> cuCtxGetCurrent(current));
    if (asked == CUresult.CUDA_SUCCESS && current.equals(handle) && !active()) {
      Driver.checkAnywhere(
          "deactivation of a context that has ended", () -> cuCtxSetCurrent(new CUcontext()));
    }
    if (result != CUresult.CUDA_SUCCESS) {
      throw Driver.releaseFailure("release of the device's context", result);
    }
  }

  private boolean active() {
    int[] flags = new int[1];
    int[] active = new int[1];
    int result = Driver.code(() -> cuDevicePrimaryCtxGetState(device, flags, active));
    return result == CUresult.CUDA_SUCCESS && active[0] != 0;
  }
}
