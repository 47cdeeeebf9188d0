package dev.krongauss.device;

import jcuda.driver.CUresult;

/** Turns driver result codes into exceptions that explain themselves. */
final class Driver {
  private Driver() {}

  static void check(int result, String what) {
    if (result == CUresult.CUDA_SUCCESS) {
      return;
    }
    String detail = NativeLoader.lastSoftwareMessage();
    throw new DeviceException(
        what
            + " failed: "
            + CUresult.stringFor(result)
            + " ("
            + result
            + ")"
            + (detail.isEmpty() ? hint(result) : "\n" + detail)
            + TrappedWait.said());
  }

  private static String hint(int result) {
    switch (result) {
      case CUresult.CUDA_ERROR_OUT_OF_MEMORY:
        return "; the device is out of memory: use a smaller batch or a smaller budget, or close other arenas";
      case CUresult.CUDA_ERROR_NO_BINARY_FOR_GPU:
      case CUresult.CUDA_ERROR_UNSUPPORTED_PTX_VERSION:
        return "; the driver cannot run this image: the kernels are built for sm_80, sm_90 and PTX compute_80: they"
            + " need a GPU of compute capability 8.0 or newer, and a driver that knows the .version of kernels/ptx";
      case CUresult.CUDA_ERROR_ILLEGAL_ADDRESS:
        return "; a kernel read or wrote outside its allocations: run the same program with"
            + " -Dkrongauss.device=software -Dkrongauss.softcuda.check=memory to see where";
      default:
        return "";
    }
  }
}
