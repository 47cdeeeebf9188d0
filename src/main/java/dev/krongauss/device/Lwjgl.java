package dev.krongauss.device;

import java.nio.file.Path;
import java.util.Map;
import org.lwjgl.system.Configuration;
import org.lwjgl.system.Library;
import org.lwjgl.system.linux.DynamicLinkLoader;

/** LWJGL's own native library, loaded from where this project's lie. */
final class Lwjgl {
  private static final String LIBRARY = "liblwjgl.so";

  private Lwjgl() {}

  /**
   * LWJGL unpacks its library into {@code java.io.tmpdir}, under the user's name, or into the home:
   * neither need be there, or allow it. What the application has set for LWJGL holds, and so does
   * an LWJGL that runs already.
   *
   * @throws DeviceException if it does not load
   */
  static void initialise() {
    byte[] bytes = Resources.tryRead("/linux/x64/org/lwjgl/" + LIBRARY);
    if (bytes == null
        || Configuration.LIBRARY_NAME.get() != null
        || Configuration.LIBRARY_PATH.get() != null
        || Configuration.SHARED_LIBRARY_EXTRACT_PATH.get() != null
        || Configuration.SHARED_LIBRARY_EXTRACT_DIRECTORY.get() != null) {
      return;
    }
    Path library = Unpacked.folder(Map.of(LIBRARY, bytes)).resolve(LIBRARY);
    Configuration.LIBRARY_NAME.set(library.toString());
    try {
      Library.initialize();
    } catch (UnsatisfiedLinkError | ExceptionInInitializerError | NoClassDefFoundError e) {
      throw new DeviceException(
          "LWJGL's library "
              + library
              + " does not load: "
              + JCudaLoader.firstLine(e)
              + "; if libraries may not be loaded from there, set -Dkrongauss.cache to another"
              + " folder",
          e);
    } finally {
      Configuration.LIBRARY_NAME.set(null);
    }
  }

  /**
   * {@code dlopen}, after which {@code dlerror} says why it failed. The JVM looks up the native
   * method of {@code dlerror} when it is first called, which clears the error: so it is called
   * before.
   *
   * @return the handle, or 0
   */
  static long open(String library, int flags) {
    DynamicLinkLoader.dlerror();
    return DynamicLinkLoader.dlopen(library, flags);
  }
}
