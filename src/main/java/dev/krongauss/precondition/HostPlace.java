package dev.krongauss.precondition;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Staging;
import dev.krongauss.device.Stream;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;

/** Pinned memory and device memory of the same size, through which values go either way. */
final class HostPlace {
  private final Staging staging;
  private final FloatBuffer floats;
  private final IntBuffer ints;
  private final long pointer;
  private final int capacity;

  /**
   * @param words floats or ints that may lie here at once
   */
  HostPlace(Device device, Arena arena, long words, String name) {
    capacity = Check.count(words, "floats of " + name + "; hand over fewer rows at once");
    staging = device.staging(4 * words);
    floats = staging.floats();
    ints = staging.bytes().asIntBuffer();
    pointer = arena.floats(words, name).pointer();
  }

  /** How many floats or ints fit. */
  int capacity() {
    return capacity;
  }

  /** Copies the caller's rows into the pinned memory. */
  void fill(HostRows rows) {
    rows.stage(staging, floats);
  }

  /** Copies the caller's integers into the pinned memory. */
  void fill(int[] values, int count) {
    ints.put(0, values, 0, count);
  }

  /** Copies the pinned memory into the caller's rows. */
  void empty(HostRows rows) {
    rows.unstage(staging, floats);
  }

  /** The device memory as compact rows. */
  Matrix matrix(int rows, int columns) {
    return Matrix.wrap(pointer, rows, columns, columns);
  }

  /** Device address. */
  long pointer() {
    return pointer;
  }

  /** Enqueues the copy of so many words to the device. */
  void upload(int words, Stream s) {
    staging.copyCompactTo(matrix(1, words), s);
  }

  /** Enqueues the copy back. */
  void download(int words, Stream s) {
    staging.copyCompactFrom(matrix(1, words), s);
  }

  void close() {
    staging.close();
  }
}
