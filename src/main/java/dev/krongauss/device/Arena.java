package dev.krongauss.device;

import static jcuda.driver.JCudaDriver.cuMemAlloc;
import static jcuda.driver.JCudaDriver.cuMemFree;
import static jcuda.driver.JCudaDriver.cuMemGetInfo;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import jcuda.driver.CUresult;

/**
 * Owner of a set of device buffers, all freed by {@link #close()}.
 *
 * <p>Everything that holds device memory takes it from an arena when it is built, never during a
 * step. Each buffer is an allocation of its own, so that SoftCUDA's memory check sees its exact
 * bounds.
 */
public final class Arena implements AutoCloseable {
  private final Device device;
  private final String name;
  private final List<Buffer> buffers = new ArrayList<>();
  private long bytes;
  private boolean closed;

  Arena(Device device, String name) {
    this.device = device;
    this.name = name;
  }

  /** A zero-filled buffer of {@code count} floats. */
  public Buffer floats(long count, String bufferName) {
    return allocate(4 * count, bufferName);
  }

  /** A zero-filled buffer of {@code count} ints. */
  public Buffer ints(long count, String bufferName) {
    return allocate(4 * count, bufferName);
  }

  /** A zero-filled {@code [rows][columns]} matrix whose stride is rounded up to 32 floats. */
  public Matrix matrix(int rows, int columns, String matrixName) {
    Check.that(
        rows >= 1 && columns >= 1, "matrix '%s' cannot be [%d][%d]", matrixName, rows, columns);
    int stride = Matrix.paddedStride(columns);
    Buffer buffer = floats((long) rows * stride, matrixName);
    return Matrix.wrap(buffer.pointer(), rows, columns, stride);
  }

  /** Bytes held by this arena. */
  public synchronized long bytes() {
    return bytes;
  }

  /** Frees every buffer; waits for the device first. Closing twice does nothing. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    if (device.driver().released()) {
      return;
    }
    Closing closing = new Closing();
    device.inContext(() -> free(closing));
    device.counters().device(-bytes);
    device.forget(this);
    buffers.clear();
    bytes = 0;
    closing.end("arena '" + name + "'");
  }

  private void free(Closing closing) {
    device.driver().synchronizeQuietly();
    for (Buffer buffer : buffers) {
      DevicePointer pointer = new DevicePointer(buffer.pointer());
      closing.attempt(
          () ->
              device.driver().release("free of buffer ", buffer.name(), () -> cuMemFree(pointer)));
    }
  }

  private synchronized Buffer allocate(long size, String bufferName) {
    Check.that(!closed, "arena '%s' is closed; no buffer '%s' can come from it", name, bufferName);
    Check.that(size > 0, "buffer '%s' of %d bytes", bufferName, size);
    return device.inContext(() -> allocateHere(size, bufferName));
  }

  private Buffer allocateHere(long size, String bufferName) {
    Driver driver = device.driver();
    DevicePointer pointer = new DevicePointer();
    int result = driver.result(() -> cuMemAlloc(pointer, size));
    if (result == CUresult.CUDA_ERROR_OUT_OF_MEMORY) {
      throw new DeviceException(outOfMemory(size, bufferName));
    }
    if (result != CUresult.CUDA_SUCCESS) {
      throw Driver.failure("allocation of " + size + " bytes for '" + bufferName + "'", result);
    }
    Buffer buffer = new Buffer(pointer.address(), size, name + "." + bufferName);
    NativeLoader.nameAllocation(buffer.pointer(), buffer.name());
    buffers.add(buffer);
    bytes += size;
    device.counters().device(size);
    device.transfers().clear(buffer.pointer(), size, "clearing of buffer '" + bufferName + "'");
    return buffer;
  }

  private String outOfMemory(long size, String bufferName) {
    long[] free = new long[1];
    long[] total = new long[1];
    device.driver().check("memory query", () -> cuMemGetInfo(free, total));
    return String.format(
        Locale.ROOT,
        "device out of memory: '%s' of arena '%s' needs %.1f MiB, %.1f of %.1f MiB are free and this arena"
            + " already holds %.1f MiB; use smaller layers or batches, batches that are not resident, a smaller KFLR"
            + " budget, or KFRA",
        bufferName,
        name,
        size / 1048576.0,
        free[0] / 1048576.0,
        total[0] / 1048576.0,
        bytes / 1048576.0);
  }
}
