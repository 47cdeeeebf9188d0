package dev.krongauss.device;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import jcuda.driver.JCudaDriver;
import jcuda.runtime.JCuda;

/** Loads JCuda's native libraries, once the driver that they bind to is chosen. */
final class JCudaLoader {
  private static final String VERSION = "12.6.0";
  private static final String[] LIBRARIES = {
    "JCudaDriver", "JCudaRuntime", "JCublas2", "JCusolver"
  };

  /** Why classes did not initialise, which a JVM tries once. */
  private static final Map<Class<?>, DeviceException> FAILED = new HashMap<>();

  private static Path folder;

  private JCudaLoader() {}

  /**
   * JCuda unpacks its libraries into {@code java.io.tmpdir} under fixed names and loads what it
   * finds there, so two JVMs starting together can load a half-written file. It is shown a folder
   * where they lie whole.
   *
   * <p>NVIDIA's CUDA runtime is linked into JCuda's library of the runtime API and asks for what is
   * private to NVIDIA's driver, so on SoftCUDA that library is ours.
   */
  static synchronized void load(boolean software) {
    Map<String, byte[]> files = new LinkedHashMap<>();
    List<String> missing = new ArrayList<>();
    for (String library : LIBRARIES) {
      String file = "lib" + library + "-" + VERSION + "-linux-x86_64.so";
      byte[] bytes = Resources.tryRead("/lib/" + file);
      if (bytes == null) {
        missing.add(file);
      } else {
        files.put(file, bytes);
      }
    }
    if (missing.contains("libJCudaDriver-" + VERSION + "-linux-x86_64.so")) {
      throw new DeviceException(
          "JCuda's native libraries are not on the class path: "
              + missing
              + "; add org.jcuda:jcuda-natives:"
              + VERSION
              + " with classifier linux-x86_64");
    }
    if (software) {
      files.put("libJCudaRuntime-" + VERSION + "-linux-x86_64.so", NativeLoader.softwareRuntime());
    }
    folder = Unpacked.folder(files);
    initialise(JCudaDriver.class);
    if (software) {
      initialise(JCuda.class);
    }
  }

  /**
   * Initialises a class of JCuda, which loads its library, with {@code java.io.tmpdir} pointing at
   * the unpacked ones. Its exception mode is left alone.
   *
   * @throws DeviceException if the library does not load, or did not when the program touched the
   *     class before
   */
  static synchronized void initialise(Class<?> jcuda) {
    DeviceException failed = FAILED.get(jcuda);
    if (failed == null) {
      failed = tryToInitialise(jcuda);
    }
    if (failed != null) {
      FAILED.put(jcuda, failed);
      throw new DeviceException(failed.getMessage(), failed);
    }
  }

  /** Returns why it did not work, or null. */
  private static DeviceException tryToInitialise(Class<?> jcuda) {
    String before = System.setProperty("java.io.tmpdir", folder.toString());
    try {
      Class.forName(jcuda.getName(), true, jcuda.getClassLoader());
      return null;
    } catch (NoClassDefFoundError e) {
      return new DeviceException(
          jcuda.getSimpleName()
              + " was touched before Device.open(), when no driver was loaded, and failed for the life of this JVM ("
              + firstLine(e)
              + "); open the Device first, then call JCuda, setExceptionsEnabled included",
          e);
    } catch (UnsatisfiedLinkError | ExceptionInInitializerError e) {
      return new DeviceException(
          "JCuda's libraries in " + folder + " do not load: " + firstLine(e), e);
    } catch (ClassNotFoundException e) {
      return new DeviceException("JCuda's jar is cut short", e);
    } finally {
      if (before == null) {
        System.clearProperty("java.io.tmpdir");
      } else {
        System.setProperty("java.io.tmpdir", before);
      }
    }
  }

  /** The innermost message of an error, its first line. */
  static String firstLine(Throwable error) {
    Throwable cause = error;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return String.valueOf(cause.getMessage())
        .lines()
        .filter(l -> !l.isBlank())
        .findFirst()
        .orElse(cause.toString());
  }
}
