package dev.krongauss.kernel;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import java.util.Arrays;
import java.util.Locale;

/**
 * A matrix on the device with everything around it, as it was before the launch.
 *
 * @param before the whole buffer
 * @param offset of the matrix in it, in floats
 * @param constant whether the kernel only reads it
 * @param index in the order of creation
 */
record PlacedMatrix(
    Buffer buffer,
    float[] before,
    int offset,
    Matrix matrix,
    boolean constant,
    int index,
    Stream stream) {
  /**
   * Written around rows of a foreign layout, times the number of the matrix: a value that no
   * computation gives by chance, and that a copy of another matrix' surroundings changes.
   */
  private static final float SENTINEL = -7.7777e18f;

  /** An element of a matrix, or a place in the memory around it. */
  interface Place {
    boolean test(int row, int column);
  }

  /** Lays values out as the variant wants the matrix of this index. */
  static PlacedMatrix of(
      Host values,
      KernelCase.Variant variant,
      int index,
      boolean constant,
      Arena arena,
      Stream stream) {
    Layout layout = Layout.of(variant, index, values.columns());
    int stride = layout.stride();
    int offset = layout.offset();
    float[] image = new float[offset + Math.multiplyExact(values.rows(), stride) + offset];
    Arrays.fill(image, layout.foreign() ? SENTINEL * (1 + index) : 0);
    for (int i = 0; i < values.rows(); i++) {
      System.arraycopy(
          values.values(), i * values.columns(), image, offset + i * stride, values.columns());
    }
    Buffer buffer = arena.floats(image.length, "block " + index);
    buffer.upload(image, stream);
    Matrix matrix =
        Matrix.wrap(
            buffer.pointer() + Float.BYTES * offset, values.rows(), values.columns(), stride);
    return new PlacedMatrix(buffer, image, offset, matrix, constant, index, stream);
  }

  /** As they are now, each float as its bits; every NaN as the same one. */
  int[] bits() {
    float[] now = buffer.downloadFloats(before.length, stream);
    int[] bits = new int[now.length];
    Arrays.setAll(bits, k -> Float.floatToIntBits(now[k]));
    return bits;
  }

  /**
   * Fails if an input, or anything before, between or behind the rows was written.
   *
   * @param title of the trial, for the message
   * @param seed of its random numbers
   */
  void verify(String title, long seed) {
    verify(title, seed, (i, j) -> constant || i < 0 || i >= matrix.rows() || j >= matrix.columns());
  }

  /** Fails if anything was written where it must stay. */
  void verify(String title, long seed, Place mustStay) {
    float[] after = buffer.downloadFloats(before.length, stream);
    for (int k = 0; k < after.length; k++) {
      int row = Math.floorDiv(k - offset, matrix.stride());
      int column = Math.floorMod(k - offset, matrix.stride());
      boolean inside = row >= 0 && row < matrix.rows() && column < matrix.columns();
      if (mustStay.test(row, column)
          && Float.floatToRawIntBits(after[k]) != Float.floatToRawIntBits(before[k])) {
        throw new AssertionError(
            String.format(
                Locale.ROOT,
                "%s: %s of matrix %d (%dx%d, stride %d, in order of creation) was overwritten"
                    + " at [%d][%d]: %.9g, before %.9g; seed %d",
                title,
                inside ? "an element that is not written" : "memory around or between the rows",
                index,
                matrix.rows(),
                matrix.columns(),
                matrix.stride(),
                row,
                column,
                after[k],
                before[k],
                seed));
      }
    }
  }
}
