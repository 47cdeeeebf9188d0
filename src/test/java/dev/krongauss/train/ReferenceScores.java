package dev.krongauss.train;

import dev.krongauss.reference.ReferenceLoss;
import dev.krongauss.reference.ReferenceMixture;
import java.util.function.IntFunction;

/**
 * Scores by their definitions, in double: each in loops of its own over all rows.
 *
 * @param h outputs [N][d]
 * @param t targets [N][m], without weights
 * @param w weights [N]
 */
record ReferenceScores(double[][] h, double[][] t, double[] w) {
  /** Σ w E, E by the loss of a datapoint. */
  double losses(ReferenceLoss loss) {
    double sum = 0;
    for (int n = 0; n < h.length; n++) {
      sum += w[n] * loss.value(h[n], t[n]);
    }
    return sum;
  }

  double mixtureLosses() {
    double sum = 0;
    for (int n = 0; n < h.length; n++) {
      sum += w[n] * new ReferenceMixture(h[n], (int) t[n][0]).value();
    }
    return sum;
  }

  double weights() {
    double sum = 0;
    for (double each : w) {
      sum += each;
    }
    return sum;
  }

  /** Σ w (h − t)² of a column. */
  double squares(int column) {
    double sum = 0;
    for (int n = 0; n < h.length; n++) {
      sum += w[n] * Math.pow(h[n][column] - t[n][column], 2);
    }
    return sum;
  }

  double rmse(int column) {
    return Math.sqrt(squares(column) / weights());
  }

  double rmse() {
    double sum = 0;
    for (int i = 0; i < t[0].length; i++) {
      sum += squares(i);
    }
    return Math.sqrt(sum / (weights() * t[0].length));
  }

  double r2(int column) {
    double mean = 0;
    for (int n = 0; n < h.length; n++) {
      mean += w[n] * t[n][column] / weights();
    }
    double spread = 0;
    for (int n = 0; n < h.length; n++) {
      spread += w[n] * Math.pow(t[n][column] - mean, 2);
    }
    return 1 - squares(column) / spread;
  }

  /** Of single outputs, at logits of 0. */
  double bitsRight() {
    double right = 0;
    for (int n = 0; n < h.length; n++) {
      for (int i = 0; i < t[n].length; i++) {
        right += (h[n][i] >= 0) == (t[n][i] >= 0.5) ? w[n] : 0;
      }
    }
    return right / (weights() * t[0].length);
  }

  double classesRight() {
    double right = 0;
    for (int n = 0; n < h.length; n++) {
      right += greatest(h[n]) == greatest(t[n]) ? w[n] : 0;
    }
    return right / weights();
  }

  double mixtureRight() {
    double right = 0;
    for (int n = 0; n < h.length; n++) {
      right += (mixture(n) >= 0.5) == (t[n][0] == 1) ? w[n] : 0;
    }
    return right / weights();
  }

  /** P(y = 1) of a row. */
  double mixture(int row) {
    return new ReferenceMixture(h[row], 1).probability();
  }

  /** P(class) of a row. */
  double softmax(int row, int column) {
    return ReferenceLoss.SOFTMAX.mean(h[row])[column];
  }

  /** Scores of rows. */
  @FunctionalInterface
  interface Score {
    double of(int row);
  }

  /** The area of one ranking by counting pairs; NaN with one class. */
  double area(Score score, int column) {
    return area(score, column, 0);
  }

  /**
   * The share of pairs won.
   *
   * @param margin scores that are closer than this are pairs won
   */
  double area(Score score, int column, double margin) {
    double won = 0;
    double pairs = 0;
    for (int a = 0; a < h.length; a++) {
      for (int b = 0; b < h.length; b++) {
        if (t[a][column] == 1 && t[b][column] == 0) {
          double gap = score.of(a) - score.of(b);
          double pair = w[a] * w[b];
          pairs += pair;
          won += gap > 0 || (margin > 0 && Math.abs(gap) <= margin) ? pair : 0;
          won += gap == 0 && margin == 0 ? pair / 2 : 0;
        }
      }
    }
    return won / pairs;
  }

  /** The mean over columns that have both kinds of targets. */
  double meanArea(IntFunction<Score> ofColumn) {
    double sum = 0;
    int both = 0;
    for (int i = 0; i < t[0].length; i++) {
      double area = area(ofColumn.apply(i), i);
      if (!Double.isNaN(area)) {
        sum += area;
        both++;
      }
    }
    return sum / both;
  }

  private static int greatest(double[] values) {
    int best = 0;
    for (int i = 1; i < values.length; i++) {
      best = values[i] > values[best] ? i : best;
    }
    return best;
  }
}
