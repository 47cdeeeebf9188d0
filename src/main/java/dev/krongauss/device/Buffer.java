package dev.krongauss.device;

import static jcuda.driver.JCudaDriver.cuMemcpyDtoH;
import static jcuda.driver.JCudaDriver.cuMemcpyHtoD;

import jcuda.Pointer;

/** A named piece of device memory, owned by the {@link Arena} that made it. */
public final class Buffer {
  private final long pointer;
  private final long bytes;
  private final String name;

  Buffer(long pointer, long bytes, String name) {
    this.pointer = pointer;
    this.bytes = bytes;
    this.name = name;
  }

  public long pointer() {
    return pointer;
  }

  public long bytes() {
    return bytes;
  }

  public String name() {
    return name;
  }

  /** Address of the 4-byte element {@code index}. */
  public long at(int index) {
    Check.that(
        index >= 0 && 4L * index < bytes,
        "element %d of buffer '%s' with %d bytes",
        index,
        name,
        bytes);
    return pointer + 4L * index;
  }

  /** Copies from the host to the start of the buffer, waiting for it. */
  public void upload(float[] values, Stream stream) {
    write(Pointer.to(values), values.length, stream);
  }

  /** Copies from the host to the start of the buffer, waiting for it. */
  public void uploadInts(int[] values, Stream stream) {
    write(Pointer.to(values), values.length, stream);
  }

  /** Copies the first {@code count} floats to the host, waiting for them. */
  public float[] downloadFloats(int count, Stream stream) {
    float[] values = new float[count];
    read(Pointer.to(values), count, stream);
    return values;
  }

  /** Copies the first {@code count} ints to the host, waiting for them. */
  public int[] downloadInts(int count, Stream stream) {
    int[] values = new int[count];
    read(Pointer.to(values), count, stream);
    return values;
  }

  private void write(Pointer host, int count, Stream stream) {
    checkCount(count);
    stream.synchronize();
    Driver.check(
        cuMemcpyHtoD(new DevicePointer(pointer), host, 4L * count),
        "upload to buffer '" + name + "'");
    stream.device().counters().uploaded(4L * count);
  }

  private void read(Pointer host, int count, Stream stream) {
    checkCount(count);
    stream.synchronize();
    Driver.check(
        cuMemcpyDtoH(host, new DevicePointer(pointer), 4L * count),
        "download of buffer '" + name + "'");
    stream.device().counters().downloaded(4L * count);
  }

  private void checkCount(int count) {
    Check.that(
        count >= 0 && 4L * count <= bytes,
        "%d elements of buffer '%s', which holds %d",
        count,
        name,
        bytes / 4);
  }
}
