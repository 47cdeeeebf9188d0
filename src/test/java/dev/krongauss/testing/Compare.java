package dev.krongauss.testing;

import java.util.Locale;

/** Comparisons of FP32 results with a double reference within a bound c·n·ε·scale. */
public final class Compare {
  /** Unit roundoff of FP32. */
  public static final double EPSILON = 0x1p-24;

  private Compare() {}

  /** The largest error allowed of each element. */
  @FunctionalInterface
  public interface Bound {
    double at(int row, int column);
  }

  /**
   * The bound c·n·ε·scale.
   *
   * @param c constant of the derivation, said where it is used
   * @param n roundings on the longest path to an element
   * @param scale the sum of the absolute terms, or an upper bound of it
   */
  public static double bound(double c, double n, double scale) {
    return c * n * EPSILON * scale + Float.MIN_NORMAL;
  }

  /** Every element of a matrix given as compact rows. */
  public static void matrix(String what, long seed, double[][] wanted, float[] got, double bound) {
    matrix(what, seed, wanted, got, (i, j) -> bound);
  }

  /** Every element of a matrix given as compact rows, each with a bound of its own. */
  public static void matrix(String what, long seed, double[][] wanted, float[] got, Bound bound) {
    compare(what, seed, wanted, got, bound, false);
  }

  /** The lower triangle of a symmetric matrix: all that consumers read of it. */
  public static void lower(String what, long seed, double[][] wanted, float[] got, double bound) {
    compare(what, seed, wanted, got, (i, j) -> bound, true);
  }

  /** One number. */
  public static void scalar(String what, long seed, double wanted, double got, double bound) {
    compare(
        what, seed, new double[][] {{wanted}}, new float[] {(float) got}, (i, j) -> bound, false);
  }

  private static void compare(
      String what, long seed, double[][] wanted, float[] got, Bound bound, boolean lower) {
    int columns = wanted[0].length;
    if (got.length != wanted.length * columns) {
      throw new AssertionError(
          what + ": " + got.length + " values for [" + wanted.length + "][" + columns + "]");
    }
    int checked = 0;
    int wrong = 0;
    double worst = 0;
    String line = "";
    for (int i = 0; i < wanted.length; i++) {
      for (int j = 0; j < (lower ? i + 1 : columns); j++) {
        checked++;
        double error = Math.abs(got[i * columns + j] - wanted[i][j]);
        double ratio = error == 0 ? 0 : error / bound.at(i, j);
        if (ratio <= 1) {
          continue; // NaN is not
        }
        wrong++;
        if (line.isEmpty() || ratio > worst) {
          worst = ratio;
          line = describe(i, j, wanted[i][j], got[i * columns + j], bound.at(i, j), ratio);
        }
      }
    }
    if (wrong > 0) {
      throw new AssertionError(
          String.format(
              "%s: %d of %d elements are wrong, worst %s; seed %d",
              what, wrong, checked, line, seed));
    }
  }

  private static String describe(
      int i, int j, double wanted, float got, double bound, double ratio) {
    return String.format(
        Locale.ROOT,
        "[%d][%d] wanted %.9g got %.9g bound %.3g error/bound %.3g",
        i,
        j,
        wanted,
        got,
        bound,
        ratio);
  }
}
