package dev.krongauss.testing;

import dev.krongauss.device.Device;
import java.util.List;
import org.lwjgl.system.JNI;
import org.lwjgl.system.MemoryStack;
import org.lwjgl.system.MemoryUtil;
import org.lwjgl.system.linux.DynamicLinkLoader;

/** Counts calls of the driver, which only SoftCUDA can tell. */
public final class DriverCalls {
  private static final List<String> WAITS =
      List.of("cuStreamSynchronize", "cuEventSynchronize", "cuCtxSynchronize");

  /** They wait; those with Async behind do not. */
  private static final List<String> COPIES =
      List.of("cuMemcpyDtoH", "cuMemcpyHtoD", "cuMemcpyDtoD", "cuMemcpy2D");

  private static final List<String> ALLOCATIONS = List.of("cuMemAlloc", "cuMemFree", "cuMemHost");

  private static final long EVERY_LIBRARY = 0;

  private DriverCalls() {}

  /** Whether this device counts. */
  public static boolean counted(Device device) {
    return device.isSoftware();
  }

  /** Calls so far that made the host wait for the device. */
  public static long waits() {
    return WAITS.stream().mapToLong(DriverCalls::of).sum()
        + COPIES.stream().mapToLong(name -> of(name) - of(name + "Async")).sum();
  }

  /** Calls so far that allocated or freed memory, on the device or pinned. */
  public static long allocations() {
    return ALLOCATIONS.stream().mapToLong(DriverCalls::of).sum();
  }

  /** Calls so far of functions whose names begin so. */
  public static long of(String prefix) {
    return ask("softcudaCalls", prefix);
  }

  /** Objects that the driver holds: "stream", "module", "executable graph" ... */
  public static long objects(String kind) {
    return ask("softcudaObjects", kind);
  }

  private static long ask(String function, String argument) {
    try (MemoryStack stack = MemoryStack.stackPush()) {
      long address =
          DynamicLinkLoader.ndlsym(EVERY_LIBRARY, MemoryUtil.memAddress(stack.ASCII(function)));
      return JNI.invokePJ(MemoryUtil.memAddress(stack.ASCII(argument)), address);
    }
  }
}
