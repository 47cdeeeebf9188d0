package dev.krongauss.device;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.lwjgl.system.JNI;
import org.lwjgl.system.MemoryStack;
import org.lwjgl.system.MemoryUtil;
import org.lwjgl.system.linux.DynamicLinkLoader;

/**
 * Decides between a real driver and SoftCUDA, and loads the libraries of the chosen one.
 *
 * <p>The real driver is probed in a helper process: once {@code libcuda.so.1} is mapped into this
 * one, its soname wins for good, and a driver package without a GPU is common. SoftCUDA is loaded
 * by absolute path before JCuda, whose library then binds to it by soname.
 */
final class NativeLoader {
  /** What was chosen. */
  record Choice(boolean software, String reason) {}

  private static final String[] SOFTWARE = {
    "libcuda.so.1", "libcublas.so.12", "libcusolver.so.11", "libcusolverMg.so.11", "libnccl.so.2"
  };

  /** In the place of JCuda's library of the runtime API where the device is SoftCUDA. */
  private static final String SOFTWARE_RUNTIME = "libsoftcuda_jcuda_runtime.so";

  private static final String TRANSLATED_KERNELS = "libsoftcuda_kernels.so";
  private static final String[] OPENBLAS = {
    "libopenblas.so.0", "libgfortran.so.5", "libquadmath.so.0", "libgcc_s.so.1"
  };

  /** How many devices SoftCUDA has; fixed when it is loaded. */
  private static final String DEVICES = "devices";

  /** Properties {@code krongauss.softcuda.<option>}; native/softcuda/README.md explains them. */
  private static final List<String> OPTIONS =
      List.of(
          "check", "workers", "seed", "mma", "count", "gpu", "engine", "capture", "fault", DEVICES);

  private static final String OPTION_PREFIX = "krongauss.softcuda.";

  /** Of dlfcn.h: only asks whether a library is there. */
  private static final int RTLD_NOLOAD = 4;

  private static Choice loaded;
  private static String loadedDevices;
  private static long softwareLibrary;
  private static long softwareMessage;
  private static long softwareName;
  private static long softwareOutside;

  private NativeLoader() {}

  /** Loads once; later calls return the same choice or refuse another kind. */
  static synchronized Choice load() {
    String wanted = System.getProperty("krongauss.device", "auto");
    if (!List.of("auto", "cuda", "software").contains(wanted)) {
      throw new DeviceException(
          "krongauss.device is '" + wanted + "'; it must be auto, cuda or software");
    }
    checkOptions();
    if (loaded != null) {
      if (!wanted.equals("auto") && loaded.software() != wanted.equals("software")) {
        throw new DeviceException(
            "krongauss.device is '"
                + wanted
                + "', but this JVM already runs "
                + (loaded.software() ? "SoftCUDA" : "the CUDA driver")
                + "; one JVM has one kind of device, so set the property before the first"
                + " Device.open()");
      }
      checkDevices();
      return loaded;
    }
    checkPlatform();
    Lwjgl.initialise();
    Choice choice = choose(wanted);
    if (choice.software()) {
      checkNoOtherDriver();
      loadSoftware();
    }
    JCudaLoader.load(choice.software());
    loaded = choice;
    loadedDevices = devicesWanted();
    return choice;
  }

  private static String devicesWanted() {
    return System.getProperty(OPTION_PREFIX + DEVICES, "1");
  }

  private static void checkDevices() {
    if (loaded.software() && !devicesWanted().equals(loadedDevices)) {
      throw new DeviceException(
          OPTION_PREFIX
              + DEVICES
              + " is '"
              + devicesWanted()
              + "', but this JVM's SoftCUDA has begun with "
              + loadedDevices
              + "; set the property before the first Device.open()");
    }
  }

  /** The library of JCuda's runtime API that SoftCUDA brings. */
  static byte[] softwareRuntime() {
    return NativeFiles.read(SOFTWARE_RUNTIME);
  }

  /** The long text of SoftCUDA's last failure; empty on a GPU. */
  static String lastSoftwareMessage() {
    if (softwareMessage == 0) {
      return "";
    }
    long text = JNI.invokeP(softwareMessage);
    return text == 0 ? "" : MemoryUtil.memUTF8(text);
  }

  /** Tells SoftCUDA's memory check the name of an allocation; nothing on a GPU. */
  static void nameAllocation(long address, String name) {
    if (softwareName == 0) {
      return;
    }
    try (MemoryStack stack = MemoryStack.stackPush()) {
      JNI.invokePPV(address, MemoryUtil.memAddress(stack.UTF8(name)), softwareName);
    }
  }

  /**
   * Tells SoftCUDA's checks of memory that a library outside CUDA uses; nothing on a GPU.
   *
   * @return the driver's result
   */
  static int outside(Stream stream, String library, long address, long bytes, boolean written) {
    if (softwareOutside == 0) {
      return 0;
    }
    try (MemoryStack stack = MemoryStack.stackPush()) {
      return JNI.invokePPPPI(
          stream.address(),
          MemoryUtil.memAddress(stack.UTF8(library)),
          address,
          bytes,
          written ? 1 : 0,
          softwareOutside);
    }
  }

  private static void checkPlatform() {
    String os = System.getProperty("os.name") + " " + System.getProperty("os.arch");
    if (!os.equals("Linux amd64")) {
      throw new DeviceException("Krongauss runs on Linux x86-64; this is " + os);
    }
  }

  private static Choice choose(String wanted) {
    if (wanted.equals("software")) {
      return new Choice(true, "krongauss.device=software");
    }
    if (NativeFiles.present()) {
      return Probe.ask(NativeFiles.read(Probe.PROGRAM)).choice(wanted);
    }
    return DriverInProcess.ask().choiceWithoutSoftware(wanted);
  }

  private static void loadSoftware() {
    Map<String, byte[]> files = new LinkedHashMap<>();
    for (String library : SOFTWARE) {
      files.put(library, NativeFiles.read(library));
    }
    // Optional, and found by libcuda.so.1 in its own folder.
    byte[] translated = NativeFiles.tryRead(TRANSLATED_KERNELS);
    if (translated != null) {
      files.put(TRANSLATED_KERNELS, translated);
    }
    for (String library : OPENBLAS) {
      byte[] bytes = Resources.tryRead("/org/bytedeco/openblas/linux-x86_64/" + library);
      if (bytes != null) {
        files.put(library, bytes);
      }
    }
    Path folder = Unpacked.folder(files);
    for (String library : SOFTWARE) {
      long handle = open(folder.resolve(library));
      if (library.equals("libcuda.so.1")) {
        softwareLibrary = handle;
      }
    }
    softwareMessage = symbol("softcudaLastMessage");
    softwareName = symbol("softcudaNameAllocation");
    softwareOutside = symbol("softcudaOutside");
    // Affinity, a container's quota and -XX:ActiveProcessorCount, as the JVM knows them.
    setOption("processors", String.valueOf(Runtime.getRuntime().availableProcessors()));
    for (String option : OPTIONS) {
      setOption(option, System.getProperty(OPTION_PREFIX + option));
    }
  }

  /** A misspelt option would go unnoticed otherwise: also where a GPU is used. */
  static void checkOptions() {
    for (String property : System.getProperties().stringPropertyNames()) {
      if (property.startsWith(OPTION_PREFIX)
          && !OPTIONS.contains(property.substring(OPTION_PREFIX.length()))) {
        throw new DeviceException(
            "unknown property "
                + property
                + "; SoftCUDA's options are "
                + OPTION_PREFIX
                + String.join(", " + OPTION_PREFIX, OPTIONS));
      }
    }
  }

  private static void setOption(String option, String value) {
    if (value == null) {
      return;
    }
    try (MemoryStack stack = MemoryStack.stackPush()) {
      int result =
          JNI.invokePPI(
              MemoryUtil.memAddress(stack.UTF8(option)),
              MemoryUtil.memAddress(stack.UTF8(value)),
              symbol("softcudaSetOption"));
      if (result != 0) {
        throw new DeviceException(
            OPTION_PREFIX + option + "=" + value + ": " + lastSoftwareMessage());
      }
    }
  }

  private static long open(Path library) {
    // Global, so that JCuda's libraries, which name these by soname, find them already there.
    long handle =
        Lwjgl.open(library.toString(), DynamicLinkLoader.RTLD_NOW | DynamicLinkLoader.RTLD_GLOBAL);
    if (handle == 0) {
      throw new DeviceException(
          "loading of "
              + library
              + " failed: "
              + DynamicLinkLoader.dlerror()
              + "; if libraries may not be loaded from there, set -Dkrongauss.cache to another"
              + " folder");
    }
    return handle;
  }

  private static long symbol(String name) {
    long address = DynamicLinkLoader.dlsym(softwareLibrary, name);
    if (address == 0) {
      throw new DeviceException(
          "SoftCUDA does not export " + name + "; its library belongs to another version");
    }
    return address;
  }

  /**
   * The first library of a name wins for good: JCuda, touched early on a machine with a driver's
   * package, would go on talking to that one.
   */
  private static void checkNoOtherDriver() {
    long other = DynamicLinkLoader.dlopen(SOFTWARE[0], DynamicLinkLoader.RTLD_NOW | RTLD_NOLOAD);
    if (other != 0 && DynamicLinkLoader.dlsym(other, "softcudaLastMessage") == 0) {
      throw new DeviceException(
          "this JVM has loaded another "
              + SOFTWARE[0]
              + " already, so SoftCUDA cannot take its place: JCuda (or another user of the driver)"
              + " was touched before Device.open(); open the Device first, or, to run on a GPU, see"
              + " that nvidia-smi lists one");
    }
  }

  /**
   * Whether a fault of the device lasts as long as the process: on a GPU, or where it is played.
   */
  static synchronized boolean faultsLast() {
    return loaded != null
        && (!loaded.software()
            || System.getProperty(OPTION_PREFIX + "fault", "context").equals("process"));
  }
}
