package dev.krongauss.device;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

/** The kernels that were loaded on a device: this project's, and those of users' PTX. */
final class LoadedKernels {
  private final Device device;
  private final Construction construction;
  private final Map<String, Module> modules = new ConcurrentHashMap<>();
  private final PtxModules ptxModules;
  private final AtomicBoolean imageTold = new AtomicBoolean();

  /**
   * @param construction is told of each module of a user's PTX
   */
  LoadedKernels(Device device, Construction construction) {
    this.device = device;
    this.construction = construction;
    this.ptxModules = new PtxModules(device);
  }

  /** See {@link Device#function}. */
  Function function(String file, String kernel) {
    return modules.computeIfAbsent(file, f -> Module.load(device, f)).function(kernel);
  }

  /** See {@link Device#ptx}. */
  PtxModule ptx(String name, String text) {
    PtxModule module = ptxModules.take(name, text);
    construction.made(module);
    return module;
  }

  /** See {@link Device#userFunction}. */
  Function userFunction(String name, String text, String kernel) {
    PtxModule module = ptx(name, text);
    try {
      return module.function(kernel);
    } catch (DeviceException e) {
      module.close();
      throw e;
    }
  }

  /** True once: whoever gets it logs which image the kernels run from. */
  boolean firstImage() {
    return imageTold.compareAndSet(false, true);
  }

  /** Unloads all. */
  void close(Closing closing) {
    modules.values().forEach(closing::close);
    ptxModules.close(closing);
  }
}
