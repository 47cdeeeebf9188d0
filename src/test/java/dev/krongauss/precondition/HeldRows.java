package dev.krongauss.precondition;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.FloatBuffer;
import java.util.Arrays;
import org.lwjgl.system.MemoryUtil;

/** A matrix of the host and a view of it. */
record HeldRows(float[] values, HostRows rows, FloatBuffer buffer, int offset, int stride) {
  /** Where it is. */
  enum Memory {
    ARRAY,
    STRIDED_ARRAY,
    HEAP_BUFFER,
    DIRECT_BUFFER,
    STRIDED_BUFFER,
    ADDRESS
  }

  static HeldRows of(Memory memory, float[] values, int rows, int columns) {
    boolean strided = memory == Memory.STRIDED_ARRAY || memory == Memory.STRIDED_BUFFER;
    int stride = strided ? columns + 3 : columns;
    int offset = strided ? 2 : 0;
    float[] image = new float[offset + rows * stride];
    Arrays.fill(image, Float.NaN);
    for (int i = 0; i < rows; i++) {
      System.arraycopy(values, i * columns, image, offset + i * stride, columns);
    }
    if (memory == Memory.ARRAY || memory == Memory.STRIDED_ARRAY) {
      HostRows view = HostRows.of(image, offset, rows, columns, stride);
      return new HeldRows(image, view, null, offset, stride);
    }
    FloatBuffer buffer =
        memory == Memory.HEAP_BUFFER
            ? FloatBuffer.allocate(image.length)
            : MemoryUtil.memAllocFloat(image.length);
    buffer.put(0, image);
    HostRows view =
        memory == Memory.ADDRESS
            ? HostRows.at(MemoryUtil.memAddress(buffer), rows, columns, stride)
            : HostRows.of(buffer.position(offset), rows, columns, stride);
    return new HeldRows(null, view, buffer, offset, stride);
  }

  float get(int i, int j) {
    int at = offset + i * stride + j;
    return buffer == null ? values[at] : buffer.get(at);
  }

  float[] compact() {
    float[] all = new float[rows.rows() * rows.columns()];
    for (int k = 0; k < all.length; k++) {
      all[k] = get(k / rows.columns(), k % rows.columns());
    }
    return all;
  }

  /** What lies between the rows of a view is the caller's. */
  void checkBetween() {
    for (int k = 0; offset > 0 && k < offset; k++) {
      assertThat(buffer == null ? values[k] : buffer.get(k)).isNaN();
    }
    for (int i = 0; i < rows.rows() && stride > rows.columns() && i < rows.rows() - 1; i++) {
      assertThat(get(i, rows.columns())).isNaN();
      assertThat(get(i, stride - 1)).isNaN();
    }
  }

  void free() {
    if (buffer != null && buffer.isDirect()) {
      MemoryUtil.memFree(buffer);
    }
  }
}
