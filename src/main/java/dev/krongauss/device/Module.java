package dev.krongauss.device;

import static jcuda.driver.JCudaDriver.cuModuleGetFunction;
import static jcuda.driver.JCudaDriver.cuModuleLoadData;
import static jcuda.driver.JCudaDriver.cuModuleUnload;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import jcuda.driver.CUfunction;
import jcuda.driver.CUmodule;
import jcuda.driver.CUresult;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The loaded image of one kernel file, or of a user's PTX: PTX on SoftCUDA; on a GPU a fatbin with
 * cubins and PTX, or the PTX alone where the jar was built without nvcc.
 */
final class Module implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Module.class);

  /** What a driver says to an image that is not for it: its age, or another GPU's. */
  private static final Set<Integer> REFUSALS =
      Set.of(
          CUresult.CUDA_ERROR_INVALID_IMAGE,
          CUresult.CUDA_ERROR_NO_BINARY_FOR_GPU,
          CUresult.CUDA_ERROR_INVALID_PTX,
          CUresult.CUDA_ERROR_UNSUPPORTED_PTX_VERSION,
          CUresult.CUDA_ERROR_JIT_COMPILER_NOT_FOUND,
          CUresult.CUDA_ERROR_JIT_COMPILATION_DISABLED,
          CUresult.CUDA_ERROR_INVALID_SOURCE);

  /** For which {@code kernels/build} makes cubins. */
  private static final Set<Integer> CUBINS = Set.of(80, 90);

  private final Device device;
  private final String name;
  private final CUmodule handle;
  private final Map<String, Function> functions = new ConcurrentHashMap<>();
  private final Optional<TrappedWait> trappedWait;

  private Module(Device device, Resources.Image image, CUmodule handle) {
    this.device = device;
    this.name = image.name();
    this.handle = handle;
    trappedWait = image.fromFolder() ? TrappedWait.of(device, handle, name) : Optional.empty();
  }

  /** The driver's way to load an image, with its result: a seam for tests. */
  interface Loader {
    int load(CUmodule module, byte[] image);
  }

  /**
   * One of this project's kernel files: on a GPU the fatbin, and where the driver refuses that, the
   * PTX.
   */
  static Module load(Device device, String file) {
    List<String> endings = device.isSoftware() ? List.of(".ptx") : List.of(".fatbin", ".ptx");
    return load(device, Resources.kernels(file, endings), driver(device));
  }

  /** PTX that a user has given. */
  static Module loadPtx(Device device, String name, String ptx) {
    Resources.Image image = new Resources.Image(name, ptx.getBytes(StandardCharsets.UTF_8), false);
    return load(device, List.of(image), driver(device));
  }

  /**
   * The first of these images that the driver takes.
   *
   * @throws DeviceException if it takes none, with what it says to each, or fails otherwise
   */
  static Module load(Device device, List<Resources.Image> images, Loader loader) {
    List<String> refused = new ArrayList<>();
    for (Resources.Image image : images) {
      CUmodule handle = new CUmodule();
      int result = loader.load(handle, terminated(image.bytes()));
      if (result == CUresult.CUDA_SUCCESS) {
        tell(device, image, refused);
        return new Module(device, image, handle);
      }
      DeviceException failure = Driver.failure("loading of " + image.name(), result);
      if (!REFUSALS.contains(result)) {
        throw failure;
      }
      refused.add(failure.getMessage());
    }
    throw new DeviceException(String.join("\n", refused));
  }

  private static Loader driver(Device device) {
    return (module, image) -> device.driver().result(() -> cuModuleLoadData(module, image));
  }

  /** The driver gets no length: PTX has to end in NUL, which a file does not. */
  private static byte[] terminated(byte[] image) {
    return Arrays.copyOf(image, image.length + 1);
  }

  /** Of the first module of a device: the others fare alike. */
  private static void tell(Device device, Resources.Image image, List<String> refused) {
    if (!refused.isEmpty() && device.firstImage()) {
      LOG.warn(
          "{} runs, which the driver compiles, since it refuses a better image: {}",
          image.name(),
          String.join("; ", refused));
    }
  }

  /**
   * What runs of an image, for the log.
   *
   * @param binary the version that the driver gives of a function: 90 for sm_90
   */
  static String form(String image, int binary) {
    boolean cubin = image.endsWith(".fatbin") && CUBINS.contains(binary);
    return cubin
        ? "cubin sm_" + binary + " of " + image
        : "PTX of " + image + ", compiled by the driver for sm_" + binary;
  }

  Function function(String kernel) {
    return functions.computeIfAbsent(
        kernel,
        k -> {
          CUfunction function = new CUfunction();
          device
              .driver()
              .check(
                  "look-up of kernel " + k + " in ",
                  name,
                  () -> cuModuleGetFunction(function, handle, k));
          Function found = new Function(device, function, k);
          if (!device.isSoftware() && device.firstImage()) {
            LOG.info("the kernels run as {}", form(name, found.binaryVersion()));
          }
          return found;
        });
  }

  @Override
  public void close() {
    trappedWait.ifPresent(TrappedWait::close);
    device.driver().release("unloading of ", name, () -> cuModuleUnload(handle));
  }
}
