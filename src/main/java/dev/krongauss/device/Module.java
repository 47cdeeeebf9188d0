package dev.krongauss.device;

import static jcuda.driver.JCudaDriver.cuModuleGetFunction;
import static jcuda.driver.JCudaDriver.cuModuleLoadData;
import static jcuda.driver.JCudaDriver.cuModuleUnload;

import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import jcuda.driver.CUfunction;
import jcuda.driver.CUmodule;

/** The loaded image of one kernel file: PTX on SoftCUDA, a fatbin with cubins and PTX on a GPU. */
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
    String name = file + (device.isSoftware() ? ".ptx" : ".fatbin");
    byte[] image = Resources.kernel(name);
    // The driver gets no length: PTX has to end in NUL, which a file does not.
    byte[] terminated = Arrays.copyOf(image, image.length + 1);
    Driver.check(cuModuleLoadData(module.handle, terminated), "loading of kernels/" + name);
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
