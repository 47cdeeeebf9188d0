package dev.krongauss.data;

import java.util.SplittableRandom;

/** The leading principal components of rows of data, in double precision, by plain code. */
final class PrincipalComponents {
  private static final int ITERATIONS = 60;

  private final double[] mean;
  private final double[][] components;

  private PrincipalComponents(double[] mean, double[][] components) {
    this.mean = mean;
    this.components = components;
  }

  /** Fits to every {@code stride}-th row: orthogonal iteration on the covariance. */
  static PrincipalComponents fit(Dataset data, int stride, int count) {
    int width = data.inputWidth();
    double[] mean = new double[width];
    double[][] covariance = covariance(data, stride, mean);
    SplittableRandom random = new SplittableRandom(1);
    double[][] basis = new double[count][width];
    for (double[] vector : basis) {
      for (int i = 0; i < width; i++) {
        vector[i] = random.nextDouble() - 0.5;
      }
    }
    orthonormalise(basis);
    for (int k = 0; k < ITERATIONS; k++) {
      for (int c = 0; c < count; c++) {
        basis[c] = product(covariance, basis[c]);
      }
      orthonormalise(basis);
    }
    return new PrincipalComponents(mean, basis);
  }

  /** Mean over every {@code stride}-th row of the squared error of its projection. */
  double squaredError(Dataset data, int stride) {
    int width = data.inputWidth();
    double total = 0;
    int rows = 0;
    double[] centred = new double[width];
    for (int row = 0; row < data.size(); row += stride, rows++) {
      for (int i = 0; i < width; i++) {
        centred[i] = data.inputs()[row * width + i] - mean[i];
        total += centred[i] * centred[i];
      }
      for (double[] component : components) {
        double projection = dot(component, centred);
        total -= projection * projection;
      }
    }
    return total / rows;
  }

  /** Skips zeros, which makes the images of digits and curves cheap. */
  private static double[][] covariance(Dataset data, int stride, double[] mean) {
    int width = data.inputWidth();
    double[][] sums = new double[width][width];
    int[] used = new int[width];
    int rows = 0;
    for (int row = 0; row < data.size(); row += stride, rows++) {
      int nonZero = 0;
      for (int i = 0; i < width; i++) {
        float value = data.inputs()[row * width + i];
        if (value != 0) {
          used[nonZero++] = i;
          mean[i] += value;
        }
      }
      addOuterProduct(data.inputs(), row * width, used, nonZero, width, sums);
    }
    for (int i = 0; i < width; i++) {
      mean[i] /= rows;
    }
    for (int i = 0; i < width; i++) {
      for (int j = 0; j <= i; j++) {
        sums[i][j] = sums[i][j] / rows - mean[i] * mean[j];
        sums[j][i] = sums[i][j];
      }
    }
    return sums;
  }

  private static void addOuterProduct(
      float[] values, int offset, int[] used, int nonZero, int width, double[][] sums) {
    for (int a = 0; a < nonZero; a++) {
      double[] sum = sums[used[a]];
      float value = values[offset + used[a]];
      if (nonZero == width) {
        for (int j = 0; j <= a; j++) {
          sum[j] += value * values[offset + j];
        }
      } else {
        for (int b = 0; b <= a; b++) {
          sum[used[b]] += value * values[offset + used[b]];
        }
      }
    }
  }

  private static void orthonormalise(double[][] basis) {
    for (int c = 0; c < basis.length; c++) {
      for (int b = 0; b < c; b++) {
        double projection = dot(basis[b], basis[c]);
        for (int i = 0; i < basis[c].length; i++) {
          basis[c][i] -= projection * basis[b][i];
        }
      }
      double norm = Math.sqrt(dot(basis[c], basis[c]));
      for (int i = 0; i < basis[c].length; i++) {
        basis[c][i] /= norm;
      }
    }
  }

  private static double[] product(double[][] matrix, double[] vector) {
    double[] result = new double[vector.length];
    for (int i = 0; i < result.length; i++) {
      result[i] = dot(matrix[i], vector);
    }
    return result;
  }

  private static double dot(double[] x, double[] y) {
    double sum = 0;
    for (int i = 0; i < x.length; i++) {
      sum += x[i] * y[i];
    }
    return sum;
  }
}
