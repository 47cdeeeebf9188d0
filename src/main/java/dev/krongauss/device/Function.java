package dev.krongauss.device;

import static jcuda.driver.JCudaDriver.cuFuncGetAttribute;
import static jcuda.driver.JCudaDriver.cuFuncSetAttribute;
import static jcuda.driver.JCudaDriver.cuOccupancyMaxActiveBlocksPerMultiprocessor;

import jcuda.driver.CUfunction;
import jcuda.driver.CUfunction_attribute;

/** A kernel of a loaded module. Immutable; safe from any thread. */
public final class Function {
  private static final int DEFAULT_SHARED_LIMIT = 48 * 1024;

  private final Device device;
  private final CUfunction handle;
  private final String name;
  private final int maxThreadsPerBlock;
  private volatile int sharedLimit;

  Function(Device device, CUfunction handle, String name) {
    this.device = device;
    this.handle = handle;
    this.name = name;
    this.maxThreadsPerBlock =
        attribute(CUfunction_attribute.CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK);
    this.sharedLimit =
        DEFAULT_SHARED_LIMIT - attribute(CUfunction_attribute.CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES);
  }

  /**
   * Starts the description of a launch; the returned object belongs to the stream and is reused.
   */
  public Launch on(Stream stream) {
    return stream.launch().begin(this);
  }

  public String name() {
    return name;
  }

  public int maxThreadsPerBlock() {
    return maxThreadsPerBlock;
  }

  /**
   * How many blocks of this size a multiprocessor holds at once.
   *
   * @param threads of a block
   * @param sharedBytes of dynamic shared memory of a block
   */
  public int blocksPerMultiprocessor(int threads, int sharedBytes) {
    int[] blocks = new int[1];
    device
        .driver()
        .check(
            "occupancy query of kernel ",
            name,
            () ->
                cuOccupancyMaxActiveBlocksPerMultiprocessor(blocks, handle, threads, sharedBytes));
    return blocks[0];
  }

  /** The compute capability times ten of the code that runs. */
  int binaryVersion() {
    return attribute(CUfunction_attribute.CU_FUNC_ATTRIBUTE_BINARY_VERSION);
  }

  private int attribute(int which) {
    int[] value = new int[1];
    device
        .driver()
        .check("attribute query of kernel ", name, () -> cuFuncGetAttribute(value, which, handle));
    return value[0];
  }

  CUfunction handle() {
    return handle;
  }

  /**
   * Asks for so much dynamic shared memory a block, which beyond 48 KiB with the static has to be
   * done once. A launch does it where nobody has; launchers do it as they load.
   *
   * @throws DeviceException if a block of the device cannot have it
   */
  public void allowShared(int bytes) {
    if (bytes > sharedLimit) {
      device
          .driver()
          .check(
              "request of " + bytes + " bytes of shared memory for kernel " + name + " on ",
              device.name(),
              () ->
                  cuFuncSetAttribute(
                      handle,
                      CUfunction_attribute.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES,
                      bytes));
      sharedLimit = bytes;
    }
  }
}
