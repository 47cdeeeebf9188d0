package dev.krongauss.diagnose;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * A few random combinations of columns: cheap evidence against a product before it is computed.
 * Where rounding hides three tenths of a gradient, nothing is found by it.
 */
final class Sketch {
  private static final int WIDTH = 4;
  private static final double FAR = 0.3;

  private final double[] signs; // [in][WIDTH]
  private final double[] ofGradient; // [out][WIDTH]

  Sketch(Values g) {
    SplittableRandom random = new SplittableRandom(1);
    signs = new double[g.columns() * WIDTH];
    Arrays.setAll(signs, i -> random.nextBoolean() ? 1 : -1);
    ofGradient = times(g);
  }

  /** Whether the gradient may be a multiple of Σ δ aᵀ. */
  boolean may(Values D, Values A) {
    double[] ofA = times(A);
    double[] product = new double[ofGradient.length];
    for (int r = 0; r < D.rows(); r++) {
      for (int i = 0; i < D.columns(); i++) {
        double d = D.at(r, i);
        for (int p = 0; p < WIDTH; p++) {
          product[i * WIDTH + p] += d * ofA[r * WIDTH + p];
        }
      }
    }
    return isMultiple(product);
  }

  private boolean isMultiple(double[] product) {
    double along = 0;
    double square = 0;
    double own = 0;
    for (int i = 0; i < product.length; i++) {
      along += product[i] * ofGradient[i];
      square += product[i] * product[i];
      own += ofGradient[i] * ofGradient[i];
    }
    return square > 0 && own - along * along / square <= FAR * FAR * own;
  }

  private double[] times(Values values) {
    int columns = values.columns();
    double[] result = new double[values.rows() * WIDTH];
    for (int i = 0; i < values.rows(); i++) {
      for (int j = 0; j < columns; j++) {
        for (int p = 0; p < WIDTH; p++) {
          result[i * WIDTH + p] += values.at(i, j) * signs[j * WIDTH + p];
        }
      }
    }
    return result;
  }
}
