package dev.krongauss.device;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.lwjgl.system.MemoryUtil;
import org.lwjgl.system.linux.DynamicLinkLoader;

/**
 * A shared library that the machine brings (MPI, NCCL) and that is called by its C names, without
 * native code of ours: through LWJGL's loader and its libffi. It stays loaded until the process
 * ends.
 *
 * <p>libffi and {@code dlopen} are LWJGL's own JNI functions, on Java 17 and on 25 alike: the calls
 * that LWJGL 3.4.2 makes at run time on Java 25, and which lose a {@code long} where they are
 * wrapped (mended in 3.4.3), are not among them.
 */
public final class ForeignLibrary {
  private final String name;
  private final long handle;

  private ForeignLibrary(String name, long handle) {
    this.name = name;
    this.handle = handle;
  }

  /**
   * Loads the first of these that loads, with its names visible to libraries that it loads itself
   * (Open MPI's components need that).
   *
   * @param what it is, for messages
   * @param names or paths, as {@code dlopen} takes them
   * @param wayOut what to do if there is none
   * @throws DeviceException if none loads; the message has each with its reason
   */
  public static ForeignLibrary open(String what, List<String> names, String wayOut) {
    Lwjgl.initialise();
    List<String> refused = new ArrayList<>();
    for (String name : names) {
      long handle = Lwjgl.open(name, DynamicLinkLoader.RTLD_NOW | DynamicLinkLoader.RTLD_GLOBAL);
      if (handle != 0) {
        return new ForeignLibrary(name, handle);
      }
      refused.add(name + ": " + DynamicLinkLoader.dlerror());
    }
    throw new DeviceException(
        "no library of "
            + what
            + " loads\n  "
            + String.join("\n  ", refused)
            + "\n  What to do: "
            + wayOut);
  }

  /** As it was asked for. */
  public String name() {
    return name;
  }

  /** Whether it, or what it depends on, has such a symbol. */
  public boolean has(String symbol) {
    return DynamicLinkLoader.dlsym(handle, symbol) != 0;
  }

  /**
   * The address of a symbol.
   *
   * @throws DeviceException if there is none
   */
  public long address(String symbol) {
    long address = DynamicLinkLoader.dlsym(handle, symbol);
    if (address == 0) {
      throw new DeviceException(
          name + " has no " + symbol + "; it is another library, or too old a version");
    }
    return address;
  }

  /**
   * A function with arguments of these types.
   *
   * @throws DeviceException if there is none of that name
   */
  public ForeignFunction function(String symbol, ForeignFunction.Type... types) {
    return new ForeignFunction(symbol, address(symbol), types);
  }

  /** The address of a direct buffer's first byte. */
  public static long addressOf(ByteBuffer direct) {
    Check.that(direct.isDirect(), "%s is no direct buffer", direct);
    return MemoryUtil.memAddress(direct, 0);
  }

  /** A C string, or "" of a null pointer. */
  public static String text(long address) {
    return address == 0 ? "" : MemoryUtil.memUTF8(address);
  }

  @Override
  public String toString() {
    return name;
  }
}
