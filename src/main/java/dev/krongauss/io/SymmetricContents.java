package dev.krongauss.io;

import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import java.io.IOException;

/**
 * A symmetric matrix of which the device has the lower triangle, written with both: some programs
 * read the upper one, and jax.numpy takes the mean of the two.
 *
 * @param matrix {@code [d]²}
 * @param whole its parts: rows, or pieces of one row
 */
record SymmetricContents(Matrix matrix, Parts.Whole whole) implements Contents {
  @Override
  public void forEach(Stream stream, Each each) throws IOException {
    long[] done = {0};
    whole.forEach(
        part -> {
          float[] words = part.download(stream);
          int row = (int) (done[0] / matrix.columns());
          int column = (int) (done[0] % matrix.columns());
          mirror(words, row, column, part, stream);
          done[0] += words.length;
          each.take(words);
        });
  }

  /** Replaces what is above the diagonal in a part that begins at a row and column. */
  private void mirror(float[] words, int row, int column, Matrix part, Stream stream) {
    int first = Math.max(column, row + 1);
    int end = column + part.columns();
    if (first >= end) {
      return;
    }
    int rows = part.rows();
    float[] below = below(first, end - first, row, rows).download(stream); // [end - first][rows]
    for (int i = 0; i < rows; i++) {
      for (int j = Math.max(first, row + i + 1); j < end; j++) {
        words[i * part.columns() + j - column] = below[(j - first) * rows + i];
      }
    }
  }

  private Matrix below(int row, int rows, int column, int columns) {
    long pointer = matrix.pointer() + 4L * ((long) row * matrix.stride() + column);
    return Matrix.wrap(pointer, rows, columns, matrix.stride());
  }
}
