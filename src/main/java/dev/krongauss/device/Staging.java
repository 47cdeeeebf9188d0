package dev.krongauss.device;

import static jcuda.driver.JCudaDriver.cuMemFreeHost;
import static jcuda.driver.JCudaDriver.cuMemHostAlloc;
import static jcuda.driver.JCudaDriver.cuMemcpyDtoHAsync;
import static jcuda.driver.JCudaDriver.cuMemcpyHtoDAsync;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import jcuda.Pointer;
import org.lwjgl.system.MemoryUtil;

/**
 * Pinned host memory for asynchronous copies to and from the device. The contents must not change
 * between {@link #copyTo} and the completion of the copy (record an {@link Event} and wait for it).
 */
public final class Staging implements AutoCloseable {
  private final Device device;
  private final Pointer pointer = new Pointer();
  private final ByteBuffer bytes;
  private boolean closed;

  Staging(Device device, long size) {
    Check.that(
        size > 0 && size <= Integer.MAX_VALUE - 8,
        "staging memory of %d bytes; 1 to 2^31-9 are possible",
        size);
    this.device = device;
    device
        .driver()
        .check(
            "allocation of pinned host memory, bytes: ",
            size,
            () -> cuMemHostAlloc(pointer, size, 0));
    device.counters().pinned(size);
    bytes = pointer.getByteBuffer(0, size).order(ByteOrder.nativeOrder());
  }

  /** The memory as floats, position 0; the view is fresh, the memory shared. */
  public FloatBuffer floats() {
    checkOpen();
    return bytes.asFloatBuffer();
  }

  /** The memory as bytes in native order. */
  public ByteBuffer bytes() {
    checkOpen();
    return bytes.duplicate().order(ByteOrder.nativeOrder());
  }

  /**
   * Copies floats of the caller's native memory here, at once.
   *
   * @param offset of the first float here
   * @param address of the first float there, not checked
   * @throws IllegalArgumentException if they do not lie within, or this is closed
   */
  public void put(long offset, long address, long floats) {
    checkFloats(offset, floats);
    MemoryUtil.memCopy(address, MemoryUtil.memAddress(bytes, 0) + 4 * offset, 4 * floats);
  }

  /**
   * The way back of {@link #put}.
   *
   * @throws IllegalArgumentException if they do not lie within, or this is closed
   */
  public void get(long offset, long address, long floats) {
    checkFloats(offset, floats);
    MemoryUtil.memCopy(MemoryUtil.memAddress(bytes, 0) + 4 * offset, address, 4 * floats);
  }

  private void checkFloats(long offset, long floats) {
    checkOpen();
    if (offset < 0 || floats < 0 || 4 * (offset + floats) > bytes.capacity()) {
      throw new IllegalArgumentException(
          floats + " floats from " + offset + " on, of " + bytes.capacity() / 4 + " staged");
    }
  }

  /**
   * Enqueues the copy of a matrix whose rows begin here {@code to.stride()} floats apart; what lies
   * between them is not copied.
   */
  public void copyTo(Matrix to, Stream stream) {
    copyingTo(to, stream).run();
  }

  /** {@link #copyTo}, to be repeated while this and the stream are open. */
  Repeated copyingTo(Matrix to, Stream stream) {
    checkRows(to, to.stride());
    Driver.Call upload = Transfers.uploading(pointer, to.stride(), to, stream);
    return new Repeated(
        device.driver(),
        "upload of " + to,
        () -> {
          device.counters().uploaded(4L * to.rows() * to.columns());
          return upload.run();
        });
  }

  /** Enqueues the copy of a matrix whose rows follow one another here, from the start. */
  public void copyCompactTo(Matrix to, Stream stream) {
    upload(to, to.columns(), stream, "upload of rows");
    device.counters().uploaded(4L * to.rows() * to.columns());
  }

  /** Enqueues the copy of a matrix to the start of this memory, one row after the other. */
  public void copyCompactFrom(Matrix from, Stream stream) {
    download(from, from.columns(), stream, "download of rows");
    device.counters().downloaded(4L * from.rows() * from.columns());
  }

  /**
   * Enqueues the copy of {@code count} bytes from the device to byte {@code offset} of this memory.
   */
  public void copyFrom(long devicePointer, long offset, long count, Stream stream) {
    checkBytes(offset, count);
    device
        .driver()
        .check(
            "download to pinned host memory",
            () ->
                cuMemcpyDtoHAsync(
                    pointer.withByteOffset(offset),
                    new DevicePointer(devicePointer),
                    count,
                    stream.handle()));
    device.counters().downloaded(count);
  }

  /** {@link #copyFrom}, to be repeated while this and the stream are open. */
  public Repeated copyingFrom(long devicePointer, long offset, long count, Stream stream) {
    checkBytes(offset, count);
    Pointer to = pointer.withByteOffset(offset);
    DevicePointer from = new DevicePointer(devicePointer);
    return new Repeated(
        device.driver(),
        "download to pinned host memory",
        () -> {
          device.counters().downloaded(count);
          return cuMemcpyDtoHAsync(to, from, count, stream.handle());
        });
  }

  /** The copy of the first {@code count} bytes to the device, to be repeated likewise. */
  public Repeated copyingTo(long devicePointer, long count, Stream stream) {
    checkBytes(0, count);
    DevicePointer to = new DevicePointer(devicePointer);
    return new Repeated(
        device.driver(),
        "upload of pinned host memory",
        () -> {
          device.counters().uploaded(count);
          return cuMemcpyHtoDAsync(to, pointer, count, stream.handle());
        });
  }

  /** Enqueues the copy of rows that lie {@code stride} floats apart here; nothing is counted. */
  void upload(Matrix to, int stride, Stream stream, String what) {
    checkRows(to, stride);
    Transfers.upload(pointer, stride, to, stream, what);
  }

  /** The way back of {@link #upload}. */
  void download(Matrix from, int stride, Stream stream, String what) {
    checkRows(from, stride);
    Transfers.download(from, pointer, stride, stream, what);
  }

  private void checkBytes(long offset, long count) {
    checkOpen();
    Check.that(
        offset >= 0 && offset + count <= bytes.capacity(),
        "bytes %d..%d of %d staged",
        offset,
        offset + count - 1,
        bytes.capacity());
  }

  private void checkRows(Matrix matrix, int stride) {
    checkOpen();
    long needed = 4 * ((matrix.rows() - 1L) * stride + matrix.columns());
    Check.that(
        needed <= bytes.capacity(),
        "%d bytes staged of the %d that %s needs",
        bytes.capacity(),
        needed,
        matrix);
  }

  private void checkOpen() {
    if (closed) { // no arguments are made for a message that is not needed
      throw new IllegalArgumentException(
          "staging memory of "
              + bytes.capacity()
              + " bytes is closed; it closes with its device at the latest");
    }
  }

  /** Closing twice, or after the device, does nothing. */
  @Override
  public void close() {
    if (!closed && !device.driver().released()) {
      closed = true;
      device.forget(this);
      device.counters().pinned(-bytes.capacity());
      device.driver().release("free of ", "pinned host memory", () -> cuMemFreeHost(pointer));
    }
  }
}
