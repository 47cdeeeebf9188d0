package dev.krongauss.net;

import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import java.util.Arrays;

/**
 * What losses on the host do with numbers of the device: rows of m d numbers, one datapoint each,
 * which is m rows of a matrix of d columns. Copies wait for the stream.
 */
final class HostArrays {
  private HostArrays() {}

  /**
   * The m rows of each datapoint one behind the other.
   *
   * @param matrix [G m][d], of any layout
   * @return [G][m d]
   */
  static float[][] datapoints(Matrix matrix, int m, Stream stream) {
    float[] values = matrix.download(stream);
    float[][] rows = new float[matrix.rows() / m][];
    int length = m * matrix.columns();
    for (int g = 0; g < rows.length; g++) {
      rows[g] = Arrays.copyOfRange(values, g * length, (g + 1) * length);
    }
    return rows;
  }

  /**
   * The reverse of {@link #datapoints}, times a factor.
   *
   * @param rows [G][m d], or fewer: the rest of the matrix becomes zero
   */
  static void upload(float[][] rows, float factor, Matrix matrix, Stream stream) {
    float[] values = new float[matrix.rows() * matrix.columns()];
    int at = 0;
    for (float[] row : rows) {
      for (float value : row) {
        values[at++] = factor * value;
      }
    }
    matrix.upload(values, stream);
  }

  /** A number a row, at {@code address}. */
  static void upload(float[] values, long address, Stream stream) {
    Matrix.wrap(address, values.length, 1, 1).upload(values, stream);
  }

  /**
   * Σ c_k (c_k·v), summed in double.
   *
   * @param C [K][d]
   * @param v [d]
   */
  static float[] product(float[][] C, float[] v) {
    double[] sum = new double[v.length];
    for (float[] c : C) {
      double inner = dot(c, v);
      for (int j = 0; j < v.length; j++) {
        sum[j] += inner * c[j];
      }
    }
    return floats(sum);
  }

  static double dot(float[] a, float[] b) {
    double sum = 0;
    for (int j = 0; j < a.length; j++) {
      sum += (double) a[j] * b[j];
    }
    return sum;
  }

  static float[] floats(double[] values) {
    float[] result = new float[values.length];
    for (int j = 0; j < result.length; j++) {
      result[j] = (float) values[j];
    }
    return result;
  }
}
