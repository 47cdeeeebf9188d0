package dev.krongauss.device;

import java.util.Set;
import jcuda.driver.CUresult;

/**
 * Faults of the device, after which the driver answers every later call with the same error until
 * the process ends. The first of this JVM is remembered: what fails after it fails because of it.
 */
final class Faults {
  /** For which CUDA's documentation says "the process must be terminated and relaunched". */
  private static final Set<Integer> LASTING =
      Set.of(
          CUresult.CUDA_ERROR_ECC_UNCORRECTABLE,
          CUresult.CUDA_ERROR_NVLINK_UNCORRECTABLE,
          CUresult.CUDA_ERROR_ILLEGAL_ADDRESS,
          CUresult.CUDA_ERROR_LAUNCH_TIMEOUT,
          CUresult.CUDA_ERROR_ASSERT,
          CUresult.CUDA_ERROR_HARDWARE_STACK_ERROR,
          CUresult.CUDA_ERROR_ILLEGAL_INSTRUCTION,
          CUresult.CUDA_ERROR_MISALIGNED_ADDRESS,
          CUresult.CUDA_ERROR_INVALID_ADDRESS_SPACE,
          CUresult.CUDA_ERROR_INVALID_PC,
          CUresult.CUDA_ERROR_LAUNCH_FAILED);

  private static volatile String first = "";

  /** Of the fault that was reported last: its code and what SoftCUDA said of it. */
  private static volatile String reported = "";

  private Faults() {}

  /**
   * Remembers a result that is a fault.
   *
   * @param detail what SoftCUDA says of it
   * @param failed what failed, with the code
   * @return what that means for the caller, to end a message with; empty for other results
   */
  static String note(int result, String detail, String failed) {
    if (!LASTING.contains(result)) {
      return "";
    }
    if (first.isEmpty()) {
      first = failed;
    }
    reported = key(result, detail);
    return "\n" + wayOut();
  }

  /**
   * Whether a result is the fault that was reported last, which every later call gives again.
   *
   * @param detail what SoftCUDA says of it
   */
  static boolean wasReported(int result, String detail) {
    return LASTING.contains(result) && reported.equals(key(result, detail));
  }

  private static String key(int result, String detail) {
    return result + detail;
  }

  /** What failed first in this JVM; empty if nothing did. */
  static String first() {
    return first;
  }

  /**
   * @throws DeviceException if a fault of this JVM lasts as long as it
   */
  static void checkNone() {
    if (!first.isEmpty() && NativeLoader.faultsLast()) {
      throw new DeviceException("the device failed before: " + first + "\n" + wayOut());
    }
  }

  static String wayOut() {
    return NativeLoader.faultsLast()
        ? "After such a fault the driver answers every call of this process with the same error: start the JVM anew"
            + " (from the last checkpoint), with -Dkrongauss.device=software -Dkrongauss.softcuda.check=all to see"
            + " what caused it"
        : "After such a fault every call in this context gives the same error: close the device and open another one,"
            + " which SoftCUDA allows; with a GPU, start the JVM anew";
  }
}
