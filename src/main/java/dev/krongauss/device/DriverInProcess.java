package dev.krongauss.device;

import java.nio.IntBuffer;
import org.lwjgl.PointerBuffer;
import org.lwjgl.system.JNI;
import org.lwjgl.system.MemoryStack;
import org.lwjgl.system.MemoryUtil;
import org.lwjgl.system.linux.DynamicLinkLoader;

/**
 * Asks the system's CUDA driver for its devices as {@link Probe} does, in this process: for where
 * the jar with the probe is missing. SoftCUDA lies in the same jar, so no other driver could take
 * the place of the one that is mapped by asking.
 */
final class DriverInProcess {
  private static final String LIBRARY = "libcuda.so.1";

  private DriverInProcess() {}

  /** Asks. */
  static Probe ask() {
    long library = Lwjgl.open(LIBRARY, DynamicLinkLoader.RTLD_NOW);
    if (library == 0) {
      return new Probe(true, "error=" + DynamicLinkLoader.dlerror());
    }
    long init = DynamicLinkLoader.dlsym(library, "cuInit");
    long getCount = DynamicLinkLoader.dlsym(library, "cuDeviceGetCount");
    long getVersion = DynamicLinkLoader.dlsym(library, "cuDriverGetVersion");
    if (init == 0 || getCount == 0 || getVersion == 0) {
      return new Probe(true, "error=" + LIBRARY + " is not a CUDA driver");
    }
    try (MemoryStack stack = MemoryStack.stackPush()) {
      IntBuffer devices = stack.callocInt(1);
      IntBuffer version = stack.callocInt(1);
      int result = JNI.invokeI(0, init);
      if (result != 0) {
        return failed("cuInit", result, library);
      }
      result = JNI.invokePI(MemoryUtil.memAddress(devices), getCount);
      if (result != 0) {
        return failed("cuDeviceGetCount", result, library);
      }
      result = JNI.invokePI(MemoryUtil.memAddress(version), getVersion);
      if (result != 0) {
        return failed("cuDriverGetVersion", result, library);
      }
      return new Probe(true, "devices=" + devices.get(0) + " version=" + version.get(0));
    }
  }

  private static Probe failed(String call, int result, long library) {
    return new Probe(
        true, "error=" + call + " of " + LIBRARY + " returned " + result + nameOf(result, library));
  }

  private static String nameOf(int result, long library) {
    long getName = DynamicLinkLoader.dlsym(library, "cuGetErrorName");
    try (MemoryStack stack = MemoryStack.stackPush()) {
      PointerBuffer name = stack.callocPointer(1);
      boolean known =
          getName != 0
              && JNI.invokePI(result, MemoryUtil.memAddress(name), getName) == 0
              && name.get(0) != 0;
      return known ? " (" + MemoryUtil.memUTF8(name.get(0)) + ")" : "";
    }
  }
}
