package dev.krongauss.io;

import dev.krongauss.device.Matrix;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/**
 * Diagonal matrices in files from when they were kept whole: G of the last layer, and its inverse,
 * under a loss whose Hessian is diagonal. Nothing is lost if their diagonals alone are taken.
 */
final class FormerDiagonal {
  private FormerDiagonal() {}

  /**
   * Whether a tensor may be such a matrix.
   *
   * @param found in the file, or null
   * @param wanted its place
   */
  static boolean may(Safetensors.Tensor found, Matrix wanted) {
    long d = wanted.columns();
    return found != null
        && wanted.rows() == 1
        && d > 1
        && found.type().equals("F32")
        && Arrays.equals(found.shape(), new long[] {d, d});
  }

  /**
   * The diagonal of a tensor [d][d]; empty if there is a number other than 0 below it. An inverse
   * that failed is NaN all over.
   *
   * @param data where the tensors' bytes begin
   */
  static Optional<float[]> read(
      Path file, FileChannel channel, long data, Safetensors.Tensor tensor) {
    int d = Math.toIntExact(tensor.shape()[0]);
    float[] diagonal = new float[d];
    ByteBuffer bytes = ByteBuffer.allocate(4 * d).order(ByteOrder.LITTLE_ENDIAN);
    try {
      for (int i = 0; i < d; i++) {
        Safetensors.fill(file, channel, bytes.clear(), data + tensor.begin() + 4L * i * d);
        FloatBuffer row = bytes.asFloatBuffer();
        for (int j = 0; j < i; j++) {
          if (row.get(j) != 0 && !Float.isNaN(row.get(j))) {
            return Optional.empty();
          }
        }
        diagonal[i] = row.get(i);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
    return Optional.of(diagonal);
  }
}
