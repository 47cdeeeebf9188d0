package dev.krongauss.data;

import java.util.stream.IntStream;

/**
 * CURVES: grey images of 28 x 28 pixels with one random curve each, values 0 to 1.
 *
 * <p>The data set of Hinton and Salakhutdinov ("Reducing the dimensionality of data with neural
 * networks", Science 2006) is no longer to be had; this generator agrees with what is published of
 * it (18 principal components leave a squared error of 5.92 an image here, 5.90 there). Absolute
 * losses can therefore not be compared with published plots, optimisers can be compared with each
 * other.
 *
 * <p>An image: three control points with coordinates U[4, 23], pixel centres at 0..27; the
 * quadratic Bezier curve at t = j/59, j = 0..59; each of these points leaves 0.6 of ink, split
 * bilinearly over the four nearest pixels; then convolution with [1 2 1; 2 12 2; 1 2 1]/24 and a
 * zero border; then clipping at 1. Image i of a seed does not depend on how many images are made.
 */
public final class Curves {
  /**
   * Version of the generator, raised when a bit of any image changes: kept copies ({@link
   * CachedData}) of older versions are then made anew.
   */
  public static final int VERSION = 1;

  /** Pixels a side. */
  public static final int SIDE = 28;

  /** Values an image: 784. */
  public static final int WIDTH = SIDE * SIDE;

  /** Images of the training set. */
  public static final int TRAIN_SIZE = 20_000;

  /** Images of the test set. */
  public static final int TEST_SIZE = 10_000;

  private static final double LOW = 4;
  private static final double HIGH = 23;
  private static final int POINTS = 60;
  private static final double INK = 0.6;
  private static final int CONTROL_POINTS = 3;

  private Curves() {}

  /**
   * The training set: the first 20,000 images of a seed.
   *
   * @param seed any number
   * @return an autoencoder's data set [20000][784]
   */
  public static Dataset train(long seed) {
    return generate("curves train", 0, TRAIN_SIZE, seed);
  }

  /**
   * The test set: the next 10,000 images of the same seed.
   *
   * @param seed the training set's
   * @return an autoencoder's data set [10000][784]
   */
  public static Dataset test(long seed) {
    return generate("curves test", TRAIN_SIZE, TEST_SIZE, seed);
  }

  /**
   * The first images of a seed.
   *
   * @param count images, at least 1
   * @param seed any number
   * @return an autoencoder's data set [count][784]
   * @throws IllegalArgumentException if the count is below 1 or beyond what one array holds
   */
  public static Dataset generate(int count, long seed) {
    return generate("curves", 0, count, seed);
  }

  private static Dataset generate(String name, int first, int count, long seed) {
    if (count < 1 || count > Integer.MAX_VALUE / WIDTH) {
      throw new IllegalArgumentException(
          "cannot generate %,d CURVES images; give a count from 1 to %,d"
              .formatted(count, Integer.MAX_VALUE / WIDTH));
    }
    float[] images = new float[count * WIDTH];
    IntStream.range(0, count)
        .parallel()
        .forEach(i -> draw(SplitMix.of(seed, first + i), images, i * WIDTH));
    return Dataset.autoencoder(name, images, WIDTH);
  }

  private static void draw(SplitMix random, float[] images, int offset) {
    double[] x = new double[CONTROL_POINTS];
    double[] y = new double[CONTROL_POINTS];
    for (int p = 0; p < CONTROL_POINTS; p++) {
      x[p] = random.uniform(LOW, HIGH);
      y[p] = random.uniform(LOW, HIGH);
    }
    double[] ink = new double[WIDTH];
    for (int j = 0; j < POINTS; j++) {
      double t = j / (double) (POINTS - 1);
      drop(ink, bezier(x, t), bezier(y, t));
    }
    for (int row = 0; row < SIDE; row++) {
      for (int column = 0; column < SIDE; column++) {
        double value = Math.min(1, blurred(ink, row, column));
        images[offset + row * SIDE + column] = (float) value;
      }
    }
  }

  private static double bezier(double[] p, double t) {
    double u = 1 - t;
    return u * u * p[0] + 2 * u * t * p[1] + t * t * p[2];
  }

  /** Control points keep a distance from the border, so all four pixels exist. */
  private static void drop(double[] ink, double x, double y) {
    int column = (int) x;
    int row = (int) y;
    double right = x - column;
    double down = y - row;
    int pixel = row * SIDE + column;
    ink[pixel] += INK * (1 - right) * (1 - down);
    ink[pixel + 1] += INK * right * (1 - down);
    ink[pixel + SIDE] += INK * (1 - right) * down;
    ink[pixel + SIDE + 1] += INK * right * down;
  }

  private static double blurred(double[] ink, int row, int column) {
    double edges =
        at(ink, row - 1, column)
            + at(ink, row + 1, column)
            + at(ink, row, column - 1)
            + at(ink, row, column + 1);
    double corners =
        at(ink, row - 1, column - 1)
            + at(ink, row - 1, column + 1)
            + at(ink, row + 1, column - 1)
            + at(ink, row + 1, column + 1);
    return (12 * at(ink, row, column) + 2 * edges + corners) / 24;
  }

  private static double at(double[] ink, int row, int column) {
    boolean inside = row >= 0 && row < SIDE && column >= 0 && column < SIDE;
    return inside ? ink[row * SIDE + column] : 0;
  }
}
