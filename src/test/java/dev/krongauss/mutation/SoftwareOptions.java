package dev.krongauss.mutation;

import dev.krongauss.device.DeviceException;
import org.lwjgl.system.JNI;
import org.lwjgl.system.MemoryStack;
import org.lwjgl.system.MemoryUtil;
import org.lwjgl.system.linux.DynamicLinkLoader;

/**
 * Options of the loaded SoftCUDA, changed between launches ({@code softcudaSetOption}), and its
 * counters.
 */
public final class SoftwareOptions {
  private final long library;
  private final long setOption;

  /** Call it after a device has been opened, which loads the library. */
  public SoftwareOptions() {
    // The library is in the process already: its soname finds it, nothing is loaded.
    library = DynamicLinkLoader.dlopen("libcuda.so.1", DynamicLinkLoader.RTLD_NOW);
    setOption = library == 0 ? 0 : DynamicLinkLoader.dlsym(library, "softcudaSetOption");
    if (setOption == 0) {
      throw new DeviceException("the loaded libcuda.so.1 is not SoftCUDA");
    }
  }

  /**
   * Sets one back to what {@code krongauss.softcuda.NAME} says.
   *
   * @param otherwise its value where that is not set
   */
  public void restore(String name, String otherwise) {
    set(name, System.getProperty("krongauss.softcuda." + name, otherwise));
  }

  /** Sets one; throws what the library answers. */
  public void set(String name, String value) {
    try (MemoryStack stack = MemoryStack.stackPush()) {
      int result =
          JNI.invokePPI(
              MemoryUtil.memAddress(stack.UTF8(name)),
              MemoryUtil.memAddress(stack.UTF8(value)),
              setOption);
      if (result != 0) {
        throw new DeviceException("SoftCUDA refuses " + name + "=" + value + ": error " + result);
      }
    }
  }

  /** Writes the counters where option {@code count} says. */
  public void reportCounters() {
    call("softcudaReport");
  }

  /** Forgets what was counted. */
  public void resetCounters() {
    call("softcudaResetCounters");
  }

  private void call(String function) {
    int result = JNI.invokeI(DynamicLinkLoader.dlsym(library, function));
    if (result != 0) {
      throw new DeviceException(function + " failed: error " + result);
    }
  }
}
