package dev.krongauss.device;

/**
 * Kernels of PTX that a user has given, on a device. Who asked for them ({@link Device#ptx}) closes
 * them; those who ask for the same text share one module, which the last of them unloads.
 */
public final class PtxModule implements AutoCloseable {
  private final PtxModules owner;
  private final String text;
  private final Module module;
  private boolean closed;

  PtxModule(PtxModules owner, String text, Module module) {
    this.owner = owner;
    this.text = text;
    this.module = module;
  }

  /**
   * A kernel, to be launched until this is closed.
   *
   * @throws DeviceException if the PTX has no such kernel
   */
  public Function function(String kernel) {
    return module.function(kernel);
  }

  /**
   * Gives the kernels back, after the work of the device that may run them. Graphs in which they
   * were captured must not be launched any more. Closing twice does nothing.
   */
  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
    }
    owner.giveBack(text);
  }
}
