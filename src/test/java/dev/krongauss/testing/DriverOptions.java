package dev.krongauss.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.device.Device;
import org.lwjgl.system.JNI;
import org.lwjgl.system.MemoryStack;
import org.lwjgl.system.MemoryUtil;
import org.lwjgl.system.linux.DynamicLinkLoader;

/** An option of SoftCUDA for the time of a test; on a GPU nothing changes. */
public final class DriverOptions implements AutoCloseable {
  private static final long EVERY_LIBRARY = 0;

  private final boolean software;
  private final String name;
  private final String value;
  private final String after;

  private DriverOptions(Device device, String name, String value, String after) {
    this.software = device.isSoftware();
    this.name = name;
    this.value = value;
    this.after = after;
    set(value);
  }

  /**
   * Another order of streams, warps and blocks, with copies that end late; 0 is the natural one.
   */
  public static DriverOptions seed(Device device, long seed) {
    String before = System.getProperty("krongauss.softcuda.seed", "0");
    return new DriverOptions(device, "seed", Long.toString(seed), before);
  }

  @Override
  public void close() {
    set(after);
  }

  @Override
  public String toString() {
    return name + " " + value;
  }

  private void set(String next) {
    if (!software) {
      return;
    }
    try (MemoryStack stack = MemoryStack.stackPush()) {
      long symbol = MemoryUtil.memAddress(stack.ASCII("softcudaSetOption"));
      long function = DynamicLinkLoader.ndlsym(EVERY_LIBRARY, symbol);
      long key = MemoryUtil.memAddress(stack.ASCII(name));
      int result = JNI.invokePPI(key, MemoryUtil.memAddress(stack.ASCII(next)), function);
      assertThat(result).as("%s=%s", name, next).isZero();
    }
  }
}
