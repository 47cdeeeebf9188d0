package dev.krongauss.device;

import static jcuda.driver.JCudaDriver.cuMemHostGetDevicePointer;
import static jcuda.driver.JCudaDriver.cuMemHostRegister;
import static jcuda.driver.JCudaDriver.cuMemHostUnregister;

import jcuda.Pointer;
import jcuda.driver.JCudaDriver;
import org.lwjgl.system.MemoryUtil;

/**
 * Memory of the caller's on the host, page-locked and mapped into the device's addresses for as
 * long as this is open: kernels read and write it where it lies. The caller keeps it alive until
 * {@link #close}, and neither side may touch what the other works on: wait for the stream first.
 *
 * <p>SoftCUDA's device memory is the host's, so that nothing is copied there. A GPU reads it over
 * the bus, each time anew: worth it for what is read once, such as a batch; a matrix that many
 * products read is better copied.
 */
public final class HostMemory implements AutoCloseable {
  private final Device device;
  private final Pointer place;
  private final long address;
  private final long bytes;
  private final long pointer;
  private boolean closed;

  HostMemory(Device device, long address, long bytes) {
    Check.that(
        address != 0 && address % 4 == 0 && bytes > 0,
        "%d bytes at 0x%x of the host cannot be registered; give the address of the first float, a multiple of 4,"
            + " and the number of bytes",
        bytes,
        address);
    this.device = device;
    this.address = address;
    this.bytes = bytes;
    // JCuda takes an address of the host only as that of a direct buffer, of any size.
    place = Pointer.to(MemoryUtil.memByteBuffer(address, 1));
    device
        .driver()
        .check(
            "registration of host memory (memory that is registered already, wholly or in part, can"
                + " not be registered again): "
                + this,
            () -> cuMemHostRegister(place, bytes, JCudaDriver.CU_MEMHOSTREGISTER_DEVICEMAP));
    pointer = mapped();
  }

  private long mapped() {
    DevicePointer mapped = new DevicePointer();
    int result = device.driver().result(() -> cuMemHostGetDevicePointer(mapped, place, 0));
    if (result != 0) {
      device.driver().result(() -> cuMemHostUnregister(place));
      throw Driver.failure("mapping of " + this, result);
    }
    return mapped.address();
  }

  /** Device address of the first byte. */
  public long pointer() {
    checkOpen();
    return pointer;
  }

  /** How many bytes are registered. */
  public long bytes() {
    return bytes;
  }

  /**
   * A view of rows in it.
   *
   * @param offset floats from the start to element (0, 0)
   * @param stride floats from one row to the next
   * @throws IllegalArgumentException if it does not lie within, or the shape is impossible
   * @throws IllegalStateException if this is closed
   */
  public Matrix matrix(long offset, int rows, int columns, int stride) {
    checkOpen();
    Check.that(
        offset >= 0 && offset <= bytes / 4,
        "a matrix from float %d on of %d registered bytes",
        offset,
        bytes);
    long end = 4 * (offset + (rows - 1L) * stride + columns);
    Check.that(
        end <= bytes,
        "matrix [%d][%d] with stride %d from float %d ends at byte %d of %d registered",
        rows,
        columns,
        stride,
        offset,
        end,
        bytes);
    return Matrix.wrap(pointer + 4 * offset, rows, columns, stride);
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException(this + " is closed; register it again");
    }
  }

  /**
   * Waits for the device and gives the memory back to the caller as it is. Closing twice, or after
   * the device, does nothing.
   */
  @Override
  public void close() {
    if (!closed && !device.driver().released()) {
      closed = true;
      device.forget(this);
      device.driver().synchronizeQuietly();
      device.driver().release("release of ", this, () -> cuMemHostUnregister(place));
    }
  }

  @Override
  public String toString() {
    return String.format("%d bytes of the host at 0x%x", bytes, address);
  }
}
