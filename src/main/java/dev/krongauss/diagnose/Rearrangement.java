package dev.krongauss.diagnose;

import java.util.Arrays;
import java.util.Comparator;
import java.util.SplittableRandom;

/**
 * Which column of one matrix is which of another: columns are sorted by a random combination of
 * their elements, and neighbours in that order are compared.
 */
final class Rearrangement {
  private static final int NEIGHBOURS = 8;

  private Rearrangement() {}

  /**
   * The column of M that is nearest to each column of g, each taken once.
   *
   * @param g {@code [rows][columns]}
   * @param M {@code [rows][columns]}
   * @param factor that brings M to the size of g
   */
  static int[] columns(float[] g, double[] M, int rows, int columns, double factor) {
    double[] weights = new SplittableRandom(2).doubles(rows, -1, 1).toArray();
    double[] ofG = new double[columns];
    double[] ofM = new double[columns];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        ofG[j] += weights[i] * g[i * columns + j];
        ofM[j] += weights[i] * M[i * columns + j] * factor;
      }
    }
    Integer[] inG = sorted(ofG);
    Integer[] inM = sorted(ofM);
    int[] result = new int[columns];
    boolean[] taken = new boolean[columns];
    for (int place = 0; place < columns; place++) {
      int nearest = nearest(g, M, factor, columns, inG[place], inM, taken, place);
      result[inG[place]] = inM[nearest];
      taken[nearest] = true;
    }
    return result;
  }

  private static int nearest(
      float[] g,
      double[] M,
      double factor,
      int columns,
      int j,
      Integer[] inM,
      boolean[] taken,
      int place) {
    int best = -1;
    double least = Double.POSITIVE_INFINITY;
    int from = place;
    while (from > 0 && (place - from < NEIGHBOURS || taken[from])) {
      from--;
    }
    for (int at = from; at < columns && (best < 0 || at <= place + NEIGHBOURS); at++) {
      double distance =
          taken[at] ? Double.POSITIVE_INFINITY : distance(g, M, factor, columns, j, inM[at]);
      if (distance < least || best < 0 && !taken[at]) {
        least = distance;
        best = at;
      }
    }
    return best;
  }

  private static double distance(
      float[] g, double[] M, double factor, int columns, int ofG, int ofM) {
    double sum = 0;
    for (int i = 0; i < g.length; i += columns) {
      double difference = g[i + ofG] - factor * M[i + ofM];
      sum += difference * difference;
    }
    return sum;
  }

  private static Integer[] sorted(double[] by) {
    Integer[] order = new Integer[by.length];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, Comparator.comparingDouble(i -> by[i]));
    return order;
  }
}
