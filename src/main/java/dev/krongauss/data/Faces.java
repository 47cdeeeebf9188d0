package dev.krongauss.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/**
 * FACES: 165,600 grey patches of 25 x 25 pixels, made from the 400 Olivetti images of 64 x 64 (40
 * people, 10 images each), 414 a source image. Train: the first 25 people (103,500), validation:
 * the next 5 (20,700), test: the last 10 (41,400).
 *
 * <p>A patch: theta ~ U[-90, 90] degrees, s ~ U[1.4, 1.8], r = 12.5 s sqrt(2); centre = 31.5 +
 * U[-1, 1] max(0, 32 - r) in x and in y; the pixel (u, v), u and v from -12 to 12, is the mean of
 * the four bilinear samples at centre + R(theta) s (u +- 0.2, v +- 0.2), coordinates clamped at the
 * border. Then each pixel's mean over all 165,600 patches is subtracted, and everything is divided
 * by one number, the root of the mean variance over pixels ({@link #scale()}, about 35.56 grey
 * levels).
 *
 * <p>Source: the construction that Hinton and Salakhutdinov ("Reducing the dimensionality of data
 * with neural networks", Science 2006) and Martens ("Deep learning via Hessian-free optimization",
 * ICML 2010) trained on, rebuilt: 30 principal components leave a squared error of 135.0 an image
 * on the last ten people (published: 135). The photographs are AT&amp;T Laboratories Cambridge's.
 *
 * <p>Memory: the source only (1.6 MB) and what is asked for; the training set takes 259 MB. Patches
 * are made twice, once for the statistics and once for keeping; {@link CachedData#faces} keeps the
 * outcome on the disk.
 */
public final class Faces {
  /**
   * Version of the generator, raised when a bit of any patch changes: kept copies ({@link
   * CachedData}) of older versions are then made anew.
   */
  public static final int VERSION = 1;

  /** Pixels a side. */
  public static final int SIDE = 25;

  /** Values a patch: 625. */
  public static final int WIDTH = SIDE * SIDE;

  /** Patches made from one source image. */
  public static final int VERSIONS = 414;

  /** Source images a person. */
  public static final int IMAGES_PER_PERSON = 10;

  /** Patches of one person. */
  public static final int PATCHES_PER_PERSON = IMAGES_PER_PERSON * VERSIONS;

  /** Patches of the training set. */
  public static final int TRAIN_SIZE = 25 * PATCHES_PER_PERSON;

  /** Patches of the validation set. */
  public static final int VALIDATION_SIZE = 5 * PATCHES_PER_PERSON;

  private static final int PEOPLE = 40;
  private static final int TRAIN_PEOPLE = TRAIN_SIZE / PATCHES_PER_PERSON;
  private static final int VALIDATION_PEOPLE = VALIDATION_SIZE / PATCHES_PER_PERSON;
  private static final int TEST_PEOPLE = 10;
  private static final int SOURCES = PEOPLE * IMAGES_PER_PERSON;
  private static final int SOURCE_SIDE = 64;

  private final Idx source;
  private final long seed;
  private final float[] mean;
  private final double scale;

  private Faces(Idx source, long seed, float[] mean, double scale) {
    this.source = source;
    this.seed = seed;
    this.mean = mean;
    this.scale = scale;
  }

  /**
   * Reads the source images and measures mean and scale over all patches.
   *
   * @param folder holds {@code olivetti-images-idx3-ubyte}, plain or with {@code .gz}, itself or in
   *     its sub-folder {@code faces}
   * @param seed any number; the same seed gives the same patches
   * @return the generator
   * @throws DataException if the file is missing or not the 400 Olivetti images
   * @throws IOException if reading fails for another reason
   */
  public static Faces read(Path folder, long seed) throws IOException {
    return of(source(folder), seed);
  }

  /** The 400 source images. */
  static Idx source(Path folder) throws IOException {
    Path file = DataFolder.find(folder, "faces", "olivetti-images-idx3-ubyte");
    return Idx.read(file, SOURCES, SOURCE_SIDE, SOURCE_SIDE);
  }

  /** Measures mean and scale over all patches of the source images. */
  static Faces of(Idx source, long seed) throws DataException {
    // One partial sum a source image, added up in order: the same bits with any number of threads.
    List<double[]> partial =
        IntStream.range(0, SOURCES).parallel().mapToObj(i -> moments(source, i, seed)).toList();
    double count = (double) SOURCES * VERSIONS;
    float[] mean = new float[WIDTH];
    double variance = 0;
    for (int p = 0; p < WIDTH; p++) {
      double sum = 0;
      double squares = 0;
      for (double[] moments : partial) {
        sum += moments[p];
        squares += moments[WIDTH + p];
      }
      mean[p] = (float) (sum / count);
      variance += squares / count - (sum / count) * (sum / count);
    }
    double scale = Math.sqrt(variance / WIDTH);
    if (!(scale > 0)) {
      throw new DataException(
          "%s holds 400 equal, flat images; this is not the Olivetti file"
              .formatted(source.file()));
    }
    return new Faces(source, seed, mean, scale);
  }

  /**
   * The first 25 people.
   *
   * @return an autoencoder's data set [103500][625]
   */
  public Dataset train() {
    return people("faces train", 0, TRAIN_PEOPLE);
  }

  /**
   * The next 5 people.
   *
   * @return an autoencoder's data set [20700][625]
   */
  public Dataset validation() {
    return people("faces validation", TRAIN_PEOPLE, VALIDATION_PEOPLE);
  }

  /**
   * The last 10 people.
   *
   * @return an autoencoder's data set [41400][625]
   */
  public Dataset test() {
    return people("faces test", TRAIN_PEOPLE + VALIDATION_PEOPLE, TEST_PEOPLE);
  }

  /**
   * What the patches were divided by: the root of the mean variance.
   *
   * @return in grey levels of the source (0 to 255)
   */
  public double scale() {
    return scale;
  }

  /**
   * What was subtracted: each pixel's mean over all patches.
   *
   * @return {@code [625]}, in grey levels of the source; a copy
   */
  public float[] mean() {
    return mean.clone();
  }

  private Dataset people(String name, int first, int count) {
    int firstSource = first * IMAGES_PER_PERSON;
    float[] values = new float[count * PATCHES_PER_PERSON * WIDTH];
    IntStream.range(0, count * IMAGES_PER_PERSON)
        .parallel()
        .forEach(i -> normalised(firstSource + i, values, i * VERSIONS * WIDTH));
    return Dataset.autoencoder(name, values, WIDTH);
  }

  private void normalised(int image, float[] values, int offset) {
    double[] grey = grey(source, image);
    float[] patch = new float[WIDTH];
    for (int version = 0; version < VERSIONS; version++) {
      patch(grey, SplitMix.of(seed, (long) image * VERSIONS + version), patch);
      for (int p = 0; p < WIDTH; p++) {
        values[offset + version * WIDTH + p] = (float) ((patch[p] - mean[p]) / scale);
      }
    }
  }

  /** Sums and sums of squares of the raw patches of one source image: {@code [2 * 625]}. */
  private static double[] moments(Idx source, int image, long seed) {
    double[] grey = grey(source, image);
    float[] patch = new float[WIDTH];
    double[] moments = new double[2 * WIDTH];
    for (int version = 0; version < VERSIONS; version++) {
      patch(grey, SplitMix.of(seed, (long) image * VERSIONS + version), patch);
      for (int p = 0; p < WIDTH; p++) {
        moments[p] += patch[p];
        moments[WIDTH + p] += (double) patch[p] * patch[p];
      }
    }
    return moments;
  }

  /** One patch before it is normalised: {@code [625]}, in grey levels. */
  static float[] raw(Idx source, int image, int version, long seed) {
    float[] patch = new float[WIDTH];
    patch(grey(source, image), SplitMix.of(seed, (long) image * VERSIONS + version), patch);
    return patch;
  }

  private static double[] grey(Idx source, int image) {
    double[] grey = new double[source.width()];
    for (int i = 0; i < grey.length; i++) {
      grey[i] = source.value(image, i);
    }
    return grey;
  }

  private static void patch(double[] grey, SplitMix random, float[] patch) {
    // StrictMath: the same bits on every JDK.
    double theta = random.uniform(-90, 90) * (Math.PI / 180);
    double s = random.uniform(1.4, 1.8);
    double slack = Math.max(0, 32 - 12.5 * s * Math.sqrt(2));
    double x = 31.5 + random.uniform(-1, 1) * slack;
    double y = 31.5 + random.uniform(-1, 1) * slack;
    double cos = s * StrictMath.cos(theta);
    double sin = s * StrictMath.sin(theta);
    for (int v = -12; v <= 12; v++) {
      for (int u = -12; u <= 12; u++) {
        double sum =
            at(grey, x, y, cos, sin, u - 0.2, v - 0.2)
                + at(grey, x, y, cos, sin, u + 0.2, v - 0.2)
                + at(grey, x, y, cos, sin, u - 0.2, v + 0.2)
                + at(grey, x, y, cos, sin, u + 0.2, v + 0.2);
        patch[(v + 12) * SIDE + u + 12] = (float) (sum / 4);
      }
    }
  }

  private static double at(
      double[] grey, double x, double y, double cos, double sin, double u, double v) {
    return sample(grey, x + cos * u - sin * v, y + sin * u + cos * v);
  }

  /** Bilinear; most samples lie inside and need no clamping, which takes time. */
  private static double sample(double[] grey, double x, double y) {
    boolean inside = x >= 0 && x <= SOURCE_SIDE - 1 && y >= 0 && y <= SOURCE_SIDE - 1;
    double inX = inside ? x : Math.max(0, Math.min(SOURCE_SIDE - 1, x));
    double inY = inside ? y : Math.max(0, Math.min(SOURCE_SIDE - 1, y));
    int column = Math.min((int) inX, SOURCE_SIDE - 2);
    int row = Math.min((int) inY, SOURCE_SIDE - 2);
    double right = inX - column;
    double down = inY - row;
    int p = row * SOURCE_SIDE + column;
    double top = grey[p] + right * (grey[p + 1] - grey[p]);
    double bottom =
        grey[p + SOURCE_SIDE] + right * (grey[p + SOURCE_SIDE + 1] - grey[p + SOURCE_SIDE]);
    return top + down * (bottom - top);
  }
}
