package dev.krongauss.device;

import static jcuda.driver.JCudaDriver.cuModuleGetFunction;
import static jcuda.driver.JCudaDriver.cuModuleLoadData;
import static jcuda.driver.JCudaDriver.cuModuleUnload;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import jcuda.driver.CUfunction;
import jcuda.driver.CUmodule;

/**
 * The loaded image of one kernel file, or of a user's PTX: PTX on SoftCUDA; on a GPU a fatbin with
 * cubins and PTX, or the PTX alone where the jar was built without nvcc.
 */
final class Module implements AutoCloseable {
  private final Device device;
  private final String name;
  private final CUmodule handle = new CUmodule();
  private final Map<String, Function> functions = new ConcurrentHashMap<>();
  private final Optional<TrappedWait> trappedWait;

  private Module(Device device, String name, byte[] image, boolean mayTrapWaits) {
    this.device = device;
    this.name = name;
    // The driver gets no length: PTX has to end in NUL, which a file does not.
    byte[] terminated = Arrays.copyOf(image, image.length + 1);
    Driver.check(cuModuleLoadData(handle, terminated), "loading of " + name);
    trappedWait = mayTrapWaits ? TrappedWait.of(handle, name) : Optional.empty();
  }

  /** The image of one of this project's kernel files. */
  static Module load(Device device, String file) {
    Resources.Image image =
        Resources.kernel(file, device.isSoftware() ? List.of(".ptx") : List.of(".fatbin", ".ptx"));
    return new Module(device, "kernels/" + image.name(), image.bytes(), image.fromFolder());
  }

  /** PTX that a user has given. */
  static Module loadPtx(Device device, String name, String ptx) {
    return new Module(device, name, ptx.getBytes(StandardCharsets.UTF_8), false);
  }

  Function function(String kernel) {
    return functions.computeIfAbsent(
        kernel,
        k -> {
          CUfunction function = new CUfunction();
          Driver.check(
              cuModuleGetFunction(function, handle, k), "look-up of kernel " + k + " in " + name);
          return new Function(device, function, k);
        });
  }

  @Override
  public void close() {
    device.bind();
    trappedWait.ifPresent(TrappedWait::close);
    Driver.check(cuModuleUnload(handle), "unloading of " + name);
  }
}
