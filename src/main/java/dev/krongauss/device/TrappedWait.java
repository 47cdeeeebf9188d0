package dev.krongauss.device;

import static jcuda.driver.JCudaDriver.cuMemFreeHost;
import static jcuda.driver.JCudaDriver.cuMemHostAlloc;
import static jcuda.driver.JCudaDriver.cuMemHostGetDevicePointer;
import static jcuda.driver.JCudaDriver.cuMemcpyHtoDAsync;
import static jcuda.driver.JCudaDriver.cuModuleGetGlobal;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUmodule;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

/**
 * What a kernel says that has waited in vain, in builds with {@code KRONGAUSS_TRAP_WAITS} ({@code
 * kernels/trap_waits.cuh}, the same layout). The record lies in pinned memory of the host: after a
 * trap the context and its memory are gone.
 */
final class TrappedWait implements AutoCloseable {
  private static final String VARIABLE = "krongauss_trapped_wait";
  private static final int NUMBERS = 5;
  private static final int KERNEL = 4 + 4 * NUMBERS;
  private static final int KERNEL_BYTES = 40;
  private static final int WAITS = KERNEL + KERNEL_BYTES;
  private static final int WAITS_BYTES = 128;
  private static final int BYTES = WAITS + WAITS_BYTES;

  private static final List<TrappedWait> RECORDS = new CopyOnWriteArrayList<>();

  private final Device device;
  private final Pointer memory = new Pointer();
  private final ByteBuffer record;

  private TrappedWait(Device device, CUdeviceptr variable, String module) {
    this.device = device;
    Driver driver = device.driver();
    String what = "the record of trapped waits of " + module;
    int flags = JCudaDriver.CU_MEMHOSTALLOC_DEVICEMAP | JCudaDriver.CU_MEMHOSTALLOC_PORTABLE;
    driver.check("allocation of ", what, () -> cuMemHostAlloc(memory, BYTES, flags));
    record = memory.getByteBuffer(0, BYTES).order(ByteOrder.nativeOrder());
    DevicePointer address = new DevicePointer();
    driver.check("mapping of ", what, () -> cuMemHostGetDevicePointer(address, memory, 0));
    record.putLong(0, address.address());
    Stream stream = device.stream();
    driver.check(
        "upload of the address of ",
        what,
        () -> cuMemcpyHtoDAsync(variable, memory, Long.BYTES, stream.handle()));
    stream.synchronize();
    record.put(0, new byte[BYTES]);
  }

  /**
   * Gives the kernels of a module a place to say what they wait for; empty where it was built
   * without.
   */
  static Optional<TrappedWait> of(Device device, CUmodule module, String name) {
    CUdeviceptr variable = new CUdeviceptr();
    int result =
        device.driver().result(() -> cuModuleGetGlobal(variable, new long[1], module, VARIABLE));
    if (result == CUresult.CUDA_ERROR_NOT_FOUND) {
      return Optional.empty();
    }
    if (result != CUresult.CUDA_SUCCESS) {
      throw Driver.failure("look-up of " + VARIABLE + " in " + name, result);
    }
    TrappedWait wait = new TrappedWait(device, variable, name);
    RECORDS.add(wait);
    return Optional.of(wait);
  }

  /** What waits have said that trapped, a line each; empty in every other failure. */
  static String said() {
    StringBuilder text = new StringBuilder();
    for (TrappedWait wait : RECORDS) {
      if (wait.record.getInt(0) != 0) {
        text.append("\na wait ended in a trap, since what it waits for never came: ");
        text.append(wait.sentence());
      }
    }
    return text.toString();
  }

  private String sentence() {
    Object[] numbers = new Object[NUMBERS];
    for (int i = 0; i < NUMBERS; i++) {
      numbers[i] = record.getInt(4 + 4 * i);
    }
    String waits = text(WAITS, WAITS_BYTES);
    return "kernel "
        + text(KERNEL, KERNEL_BYTES)
        + ", "
        + String.format(Locale.ROOT, waits, numbers);
  }

  private String text(int offset, int most) {
    byte[] bytes = new byte[most];
    record.get(offset, bytes);
    int length = 0;
    while (length < most && bytes[length] != 0) {
      length++;
    }
    return new String(bytes, 0, length, StandardCharsets.US_ASCII);
  }

  @Override
  public void close() {
    RECORDS.remove(this);
    device
        .driver()
        .release("release of ", "a record of trapped waits", () -> cuMemFreeHost(memory));
  }
}
