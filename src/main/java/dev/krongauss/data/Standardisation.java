package dev.krongauss.data;

import java.util.Arrays;

/**
 * Mean and standard deviation of each input of a data set, to be taken from the training rows and
 * applied to these and to all others. Immutable.
 *
 * <p>Both are sums in double, the deviation around the mean (two passes), divided by the number of
 * rows. An input that does not vary gets deviation 1: it becomes 0 everywhere.
 */
public final class Standardisation {
  private final double[] mean;
  private final double[] deviation;

  private Standardisation(double[] mean, double[] deviation) {
    this.mean = mean;
    this.deviation = deviation;
  }

  /**
   * Measures a data set's inputs.
   *
   * @param data usually the training rows
   * @return their means and deviations
   */
  public static Standardisation of(Dataset data) {
    int width = data.inputWidth();
    float[] inputs = data.inputs();
    double[] mean = new double[width];
    double[] deviation = new double[width];
    for (int i = 0; i < inputs.length; i += width) {
      for (int k = 0; k < width; k++) {
        mean[k] += inputs[i + k];
      }
    }
    for (int k = 0; k < width; k++) {
      mean[k] /= data.size();
    }
    for (int i = 0; i < inputs.length; i += width) {
      for (int k = 0; k < width; k++) {
        double d = inputs[i + k] - mean[k];
        deviation[k] += d * d;
      }
    }
    for (int k = 0; k < width; k++) {
      deviation[k] = varies(inputs, k, width) ? Math.sqrt(deviation[k] / data.size()) : 1;
    }
    return new Standardisation(mean, deviation);
  }

  private static boolean varies(float[] inputs, int k, int width) {
    for (int i = k; i < inputs.length; i += width) {
      if (inputs[i] != inputs[k]) {
        return true;
      }
    }
    return false;
  }

  /**
   * The mean of each input.
   *
   * @return a copy
   */
  public double[] mean() {
    return mean.clone();
  }

  /**
   * The standard deviation of each input, 1 where it does not vary.
   *
   * @return a copy, all positive
   */
  public double[] deviation() {
    return deviation.clone();
  }

  /**
   * A data set with inputs (x - mean) / deviation, each rounded to float once.
   *
   * @param data of the same input width; not changed
   * @return a new data set; an autoencoder's targets stay its inputs
   * @throws IllegalArgumentException if the widths differ
   */
  public Dataset apply(Dataset data) {
    return mapped(data, false);
  }

  /**
   * The inverse of {@link #apply}: x deviation + mean.
   *
   * @param data of the same input width; not changed
   * @return a new data set
   * @throws IllegalArgumentException if the widths differ
   */
  public Dataset undo(Dataset data) {
    return mapped(data, true);
  }

  private Dataset mapped(Dataset data, boolean back) {
    int width = mean.length;
    if (data.inputWidth() != width) {
      throw new IllegalArgumentException(
          "data set %s has %,d inputs a row, the standardisation %,d; measure it on data of this kind"
              .formatted(data.name(), data.inputWidth(), width));
    }
    float[] from = data.inputs();
    float[] to = new float[from.length];
    for (int i = 0; i < from.length; i++) {
      int k = i % width;
      to[i] =
          (float) (back ? from[i] * deviation[k] + mean[k] : (from[i] - mean[k]) / deviation[k]);
    }
    return data.isAutoencoder()
        ? Dataset.autoencoder(data.name(), to, width)
        : Dataset.supervised(data.name(), to, width, data.targets(), data.targetWidth());
  }

  @Override
  public String toString() {
    return "means %s, deviations %s".formatted(Arrays.toString(mean), Arrays.toString(deviation));
  }
}
