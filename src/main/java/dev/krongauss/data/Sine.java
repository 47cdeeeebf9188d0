package dev.krongauss.data;

import java.util.stream.IntStream;

/**
 * SINE: rows of a smooth function of a few inputs, f(x) = 2/√d Σ_j sin(π x_j) cos(π x_{j+1} / 2), x
 * uniform in [-1, 1)^d, where x_{d+1} is x_1. Its mean is 0 and its variance 1, so that a root mean
 * squared error is in deviations of the target.
 *
 * <p>There is no noise: what a fit leaves is the network's and the optimiser's. The function is
 * evaluated in double at the very floats that are the inputs, right to 1e-12 for up to {@value
 * #MOST_INPUTS} of them, and rounded once, to a float. Row i of a seed does not depend on how many
 * rows are made, and all bits are the same on every JDK.
 */
public final class Sine {
  /** Inputs for which the accuracy is stated; more are refused. */
  public static final int MOST_INPUTS = 16;

  private Sine() {}

  /**
   * The function in double.
   *
   * @param x [d] a point, 1 to {@value #MOST_INPUTS} values in [-1, 1]
   * @return f(x), off by at most 1e-12
   * @throws IllegalArgumentException if there are too few or too many values
   */
  public static double value(float... x) {
    requireInputs(x.length);
    double sum = 0;
    for (int j = 0; j < x.length; j++) {
      double next = x[(j + 1) % x.length];
      sum += StrictMath.sin(Math.PI * x[j]) * StrictMath.cos(Math.PI / 2 * next);
    }
    return 2 / Math.sqrt(x.length) * sum;
  }

  /**
   * Rows to train on: the first of a seed.
   *
   * @param inputs d, 1 to {@value #MOST_INPUTS}
   * @param rows at least 1
   * @param seed any number
   * @return inputs [rows][d], targets [rows][1]
   * @throws IllegalArgumentException if inputs or rows are beyond that, or are more than one array
   *     holds
   */
  public static Dataset train(int inputs, int rows, long seed) {
    return generate("sine train", inputs, rows, i -> SplitMix.of(seed, i));
  }

  /**
   * Rows to judge by, of the training set's seed and none of it, however many those are.
   *
   * @param inputs d, 1 to {@value #MOST_INPUTS}
   * @param rows at least 1
   * @param seed the training set's
   * @return inputs [rows][d], targets [rows][1]
   * @throws IllegalArgumentException if inputs or rows are beyond that, or are more than one array
   *     holds
   */
  public static Dataset test(int inputs, int rows, long seed) {
    return generate("sine test", inputs, rows, i -> SplitMix.of(seed, -1L - i));
  }

  /** The generator of a row. */
  private interface Streams {
    SplitMix of(int row);
  }

  private static Dataset generate(String name, int inputs, int rows, Streams streams) {
    requireInputs(inputs);
    if (rows < 1 || rows > Integer.MAX_VALUE / inputs) {
      throw new IllegalArgumentException(
          "cannot generate %,d rows of %d inputs; give a count from 1 to %,d"
              .formatted(rows, inputs, Integer.MAX_VALUE / inputs));
    }
    float[] x = new float[rows * inputs];
    float[] y = new float[rows];
    IntStream.range(0, rows)
        .parallel()
        .forEach(
            i -> {
              SplitMix random = streams.of(i);
              float[] point = new float[inputs];
              for (int j = 0; j < inputs; j++) {
                point[j] = (float) random.uniform(-1, 1);
              }
              System.arraycopy(point, 0, x, i * inputs, inputs);
              y[i] = (float) value(point);
            });
    return Dataset.supervised(name, x, inputs, y, 1);
  }

  private static void requireInputs(int inputs) {
    if (inputs < 1 || inputs > MOST_INPUTS) {
      throw new IllegalArgumentException(
          "the function of %d inputs is not defined here; give 1 to %d inputs"
              .formatted(inputs, MOST_INPUTS));
    }
  }
}
