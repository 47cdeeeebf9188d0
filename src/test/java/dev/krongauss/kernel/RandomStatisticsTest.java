package dev.krongauss.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Loss.Kind;
import dev.krongauss.testing.TestDevice;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Distributions of the random fills and of the drawn targets.
 *
 * <p>Every comparison allows 6 standard deviations of its statistic: a right generator with a
 * random seed fails one with probability near 2e-9 (statistics of many terms are nearly normal),
 * all of them together below 1e-6. The seeds are fixed, so a test that passes always passes.
 */
final class RandomStatisticsTest {
  private static final double DEVIATIONS = 6;
  private static final int ROWS = 512;
  private static final int COLUMNS = 250;
  private static final long SEED = 20170706;

  private final Device device = TestDevice.get();
  private final Stream s = device.stream();
  private final Arena arena = device.newArena("random statistics");

  @AfterEach
  void close() {
    arena.close();
  }

  @Test
  void uniformNumbersFillTheirIntervalEvenly() {
    float[] x = uniform(SEED, 1);
    int bins = 256;
    int[] count = new int[bins];
    for (float u : x) {
      assertTrue(u > 0 && u <= 1, "uniform number " + u);
      count[Math.min(bins - 1, (int) (u * bins))]++;
    }
    double[] expected = new double[bins];
    Arrays.fill(expected, (double) x.length / bins);
    assertChiSquared(count, expected, "uniform");
  }

  @Test
  void normalNumbersHaveTheMomentsOfANormal() {
    float[] x = normal(SEED, 1);
    // mean and variance of the k-th power of a standard normal
    double[] mean = {0, 1, 0, 3};
    double[] variance = {1, 2, 15, 96};
    for (int k = 1; k <= 4; k++) {
      double sum = 0;
      for (float z : x) {
        sum += Math.pow(z, k);
      }
      assertMean(sum / x.length, mean[k - 1], variance[k - 1], x.length, "moment " + k);
    }
    int beyond = 0;
    for (float z : x) {
      beyond += Math.abs(z) > 3 ? 1 : 0;
    }
    double tail = 0.0026997960632601866;
    assertMean(
        (double) beyond / x.length, tail, tail * (1 - tail), x.length, "beyond 3 deviations");
  }

  @Test
  void neighboursStepsAndSeedsAreUncorrelated() {
    float[] x = normal(SEED, 1);
    assertUncorrelated(x, shifted(x, 1), "next column");
    assertUncorrelated(x, shifted(x, 2), "the column after");
    assertUncorrelated(x, shifted(x, COLUMNS), "next row");
    assertUncorrelated(x, normal(SEED, 2), "next step");
    assertUncorrelated(x, normal(SEED + 1, 1), "next seed");
    assertUncorrelated(x, normal(SEED + (1L << 32), 1), "a seed that differs in its upper half");
    float[] u = uniform(SEED, 1);
    for (int i = 0; i < u.length; i++) {
      u[i] = (float) (Math.sqrt(12) * (u[i] - 0.5));
    }
    assertUncorrelated(x, u, "a uniform fill from the same seed");
  }

  @Test
  void aNumberDependsOnItsPlaceNotOnTheShapeAroundIt() {
    float[] large = uniform(SEED, 3);
    Matrix small = arena.matrix(5, 7, "small");
    new Random(device).uniform(s, SEED, 3, small, 0, 1);
    float[] corner = small.download(s);
    for (int i = 0; i < 5; i++) {
      for (int j = 0; j < 7; j++) {
        assertEquals(large[i * COLUMNS + j], corner[i * 7 + j]);
      }
    }
    assertArrayEquals(large, uniform(SEED, 3), "the same seed and step twice");
  }

  /** Each 2^32 steps are the first ones of another seed: known, and nothing comes again. */
  @Test
  void stepsBeyondAWordHaveNumbersOfTheirOwn() {
    long word = 1L << 32;
    float[] first = normal(SEED, 3);
    float[] second = normal(SEED, word + 3);
    float[] last = normal(SEED, (1L << 53) - word + 3);
    assertArrayEquals(normal(Random.seedOf(SEED, word), 3), second);
    assertUncorrelated(first, second, "the same step 2^32 later");
    assertUncorrelated(second, last, "the same step 2^53 later");
    assertEquals(SEED, Random.seedOf(SEED, word - 1));
    long nearest = Long.MAX_VALUE;
    for (long k = 1; k <= 1L << 21; k++) {
      long distance = Random.seedOf(0, k << 32);
      nearest = Math.min(nearest, Math.abs(distance));
    }
    assertTrue(nearest > 1L << 40, "seeds of steps are within " + nearest + " of each other");
    assertThrows(IllegalArgumentException.class, () -> uniform(SEED, -1));
    assertThrows(IllegalArgumentException.class, () -> uniform(SEED, (1L << 53) + 1));
  }

  @Test
  void drawnTargetsHaveTheModelsMeanAndItsFisherIsTheHessian() {
    float[] logits = {-3, -0.5f, 0, 1.25f, 2.5f, -4, 0.75f};
    for (Kind kind : Kind.values()) {
      assertFisher(kind, logits);
    }
  }

  @Test
  void classesAreDrawnWithTheirProbabilities() {
    int d = 150; // more than a warp's 128 columns at a time
    float[] logits = new float[d];
    for (int j = 0; j < d; j++) {
      logits[j] = (float) Math.sin(j) - (j % 10 == 9 ? 2000 : 0);
    }
    int rows = 20_000;
    float[] g = sampled(Kind.SOFTMAX, logits, rows);
    int[] count = new int[d];
    for (int n = 0; n < rows; n++) {
      for (int j = 0; j < d; j++) {
        count[j] +=
            g[n * d + j] < -0.5f
                ? 1
                : 0; // p is far below 1/2 everywhere, so p - 1 marks the drawn one
      }
    }
    LossReference model = new LossReference(Kind.SOFTMAX, Host.row(logits), 0);
    double[] expected = new double[d];
    for (int j = 0; j < d; j++) {
      expected[j] = rows * model.mean(j);
      assertTrue(j % 10 != 9 || count[j] == 0, "class " + j + " has probability 0");
    }
    assertChiSquared(count, expected, "classes");
  }

  private void assertFisher(Kind kind, float[] logits) {
    int rows = 20_000;
    int d = logits.length;
    float[] g = sampled(kind, logits, rows);
    LossReference model = new LossReference(kind, Host.row(logits), 0);
    for (int i = 0; i < d; i++) {
      double mean = 0;
      for (int n = 0; n < rows; n++) {
        mean += g[n * d + i] / (double) rows;
      }
      assertMean(mean, 0, hessian(kind, model, i, i), rows, kind + " gradient " + i);
      for (int j = 0; j <= i; j++) {
        double sum = 0;
        double squares = 0;
        for (int n = 0; n < rows; n++) {
          double product = (double) g[n * d + i] * g[n * d + j];
          sum += product;
          squares += product * product;
        }
        // the variance is the sample's own: the fourth moments of the losses differ
        double wanted = hessian(kind, model, i, j);
        double variance = squares / rows - wanted * wanted;
        assertMean(sum / rows, wanted, variance + 1e-9, rows, kind + " Fisher " + i + "," + j);
      }
    }
  }

  private static double hessian(Kind kind, LossReference model, int i, int j) {
    double coupling = kind == Kind.SOFTMAX ? model.mean(i) * model.mean(j) : 0;
    return (i == j ? model.weight(i) : 0) - coupling;
  }

  private float[] sampled(Kind kind, float[] logits, int rows) {
    int d = logits.length;
    float[] h = new float[rows * d];
    for (int n = 0; n < rows; n++) {
      System.arraycopy(logits, 0, h, n * d, d);
    }
    Matrix H = arena.matrix(rows, d, "logits");
    Matrix gradient = arena.matrix(rows, d, "gradient");
    H.upload(h, s);
    Buffer step = arena.ints(1, "step");
    step.uploadInts(new int[] {17}, s);
    new Loss(device).sampledGradient(s, kind, H, SEED, step.pointer(), gradient);
    return gradient.download(s);
  }

  private float[] uniform(long seed, long step) {
    Matrix X = arena.matrix(ROWS, COLUMNS, "X");
    new Random(device).uniform(s, seed, step, X, 0, 1);
    return X.download(s);
  }

  private float[] normal(long seed, long step) {
    Matrix X = arena.matrix(ROWS, COLUMNS, "X");
    new Random(device).normal(s, seed, step, X, 0, 1);
    return X.download(s);
  }

  private static float[] shifted(float[] x, int by) {
    float[] y = new float[x.length];
    for (int i = 0; i < x.length; i++) {
      y[i] = x[(i + by) % x.length];
    }
    return y;
  }

  private static void assertUncorrelated(float[] x, float[] y, String what) {
    double sum = 0;
    for (int i = 0; i < x.length; i++) {
      sum += (double) x[i] * y[i];
    }
    assertMean(sum / x.length, 0, 1, x.length, "correlation with " + what);
  }

  private static void assertMean(
      double mean, double wanted, double variance, int count, String what) {
    double deviations = Math.abs(mean - wanted) / Math.sqrt(variance / count);
    assertTrue(
        deviations <= DEVIATIONS,
        () ->
            what
                + ": mean "
                + mean
                + ", wanted "
                + wanted
                + ", off by "
                + deviations
                + " deviations");
  }

  /** Wilson and Hilferty: the cube root of chi^2 over its degrees of freedom is nearly normal. */
  private static void assertChiSquared(int[] count, double[] expected, String what) {
    double chi = 0;
    int degrees = -1;
    for (int i = 0; i < count.length; i++) {
      if (expected[i] > 0) {
        chi += (count[i] - expected[i]) * (count[i] - expected[i]) / expected[i];
        degrees++;
      }
    }
    double spread = 2.0 / (9 * degrees);
    double deviations = (Math.cbrt(chi / degrees) - (1 - spread)) / Math.sqrt(spread);
    assertTrue(
        Math.abs(deviations) <= DEVIATIONS,
        what
            + ": chi^2 is "
            + chi
            + " with "
            + degrees
            + " degrees of freedom: "
            + deviations
            + " deviations");
  }
}
