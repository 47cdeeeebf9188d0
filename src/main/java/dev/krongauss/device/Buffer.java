package dev.krongauss.device;

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

  /** Copies from the host to the start of the buffer, and waits until the values are there. */
  public void upload(float[] values, Stream stream) {
    write(
        (to, first, count) -> to.asFloatBuffer().put(values, first, count), values.length, stream);
  }

  /** Copies from the host to the start of the buffer, and waits until the values are there. */
  public void uploadInts(int[] values, Stream stream) {
    write((to, first, count) -> to.asIntBuffer().put(values, first, count), values.length, stream);
  }

  /** Copies the first {@code count} floats to the host, waiting for them. */
  public float[] downloadFloats(int count, Stream stream) {
    checkCount(count);
    float[] values = new float[count];
    read((from, first, n) -> from.asFloatBuffer().get(values, first, n), count, stream);
    return values;
  }

  /** Copies the first {@code count} ints to the host, waiting for them. */
  public int[] downloadInts(int count, Stream stream) {
    checkCount(count);
    int[] values = new int[count];
    read((from, first, n) -> from.asIntBuffer().get(values, first, n), count, stream);
    return values;
  }

  private void write(Transfers.Move move, int count, Stream stream) {
    checkCount(count);
    if (count > 0) {
      Matrix start = Matrix.wrap(pointer, 1, count, count);
      stream.device().transfers().upload(move, start, stream, "upload to buffer '" + name + "'");
      stream.device().counters().uploaded(4L * count);
    }
  }

  private void read(Transfers.Move move, int count, Stream stream) {
    if (count > 0) {
      Matrix start = Matrix.wrap(pointer, 1, count, count);
      stream
          .device()
          .transfers()
          .download(start, move, stream, "download of buffer '" + name + "'");
      stream.device().counters().downloaded(4L * count);
    }
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
