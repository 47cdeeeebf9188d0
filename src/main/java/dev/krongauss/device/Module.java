package dev.krongauss.device;

import static jcuda.driver.JCudaDriver.cuModuleGetFunction;
import static jcuda.driver.JCudaDriver.cuModuleLoadData;
import static jcuda.driver.JCudaDriver.cuModuleUnload;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import jcuda.driver.CUfunction;
import jcuda.driver.CUmodule;

/**
 * The loaded image of one kernel file: PTX on SoftCUDA; on a GPU a fatbin with cubins and PTX, or
 * the PTX alone where the jar was built without nvcc.
 */
final class Module implements AutoCloseable {
  private final Device device;
  private final String file;
  private final CUmodule handle = new CUmodule();
  private final Map<String, Function> functions = new ConcurrentHashMap<>();

  private Module(Device device, String file) {
    this.device = device;
    this.file = file;
  }

  static Module load(Device device, String file) {
    Module module = new Module(device, file);
    Resources.Image image =
        Resources.kernel(file, device.isSoftware() ? List.of(".ptx") : List.of(".fatbin", ".ptx"));
    // The driver gets no length: PTX has to end in NUL, which a file does not.
    byte[] terminated = Arrays.copyOf(image.bytes(), image.bytes().length + 1);
    Driver.check(cuModuleLoadData(module.handle, terminated), "loading of kernels/" + image.name());
    return module;
  }

  Function function(String kernel) {
    return functions.computeIfAbsent(
        kernel,
        k -> {
          CUfunction function = new CUfunction();
          Driver.check(
              cuModuleGetFunction(function, handle, k),
              "look-up of kernel " + k + " in kernels/" + file + ".cu");
          return new Function(device, function, k);
        });
  }

  @Override
  public void close() {
    device.bind();
    Driver.check(cuModuleUnload(handle), "unloading of kernels/" + file);
  }
}
