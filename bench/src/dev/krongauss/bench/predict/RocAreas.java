package dev.krongauss.bench.predict;

import java.util.Arrays;

/**
 * The mean area under the ROC curves of classes, each against all others: how likely a row of the
 * class has greater log-odds of it than another row, equal ones counted half. It needs the log-odds
 * of all rows, and so keeps them up to 64 MiB; of more rows there is no area.
 */
final class RocAreas {
  private static final int MOST_VALUES = 1 << 24;

  private final int most;
  private final float[][] logOdds;
  private int[] targets = new int[1024];
  private int rows;
  private boolean tooMany;

  /**
   * @param classes 1 for the positive of two
   */
  RocAreas(int classes) {
    this(classes, MOST_VALUES / classes);
  }

  /**
   * @param most rows that are kept
   */
  RocAreas(int classes, int most) {
    this.most = most;
    this.logOdds = new float[classes][targets.length];
  }

  /**
   * Adds a row.
   *
   * @param logits of the network, as many as classes, from {@code first} on
   * @param target its class; of two classes 1 for the positive one
   */
  void add(float[] logits, int first, int target) {
    tooMany |= rows == most;
    if (tooMany) {
      return;
    }
    if (rows == targets.length) {
      targets = Arrays.copyOf(targets, 2 * rows);
      for (int k = 0; k < logOdds.length; k++) {
        logOdds[k] = Arrays.copyOf(logOdds[k], 2 * rows);
      }
    }
    targets[rows] = target;
    if (logOdds.length == 1) {
      logOdds[0][rows] = logits[first];
    } else {
      softmax(logits, first);
    }
    rows++;
  }

  /** h − log Σ exp of the others, of which the greatest class has its own sum: no cancellation. */
  private void softmax(float[] logits, int first) {
    int best = 0;
    for (int k = 1; k < logOdds.length; k++) {
      best = logits[first + k] > logits[first + best] ? k : best;
    }
    double rest = 0;
    for (int k = 0; k < logOdds.length; k++) {
      rest += k == best ? 0 : Math.exp((double) logits[first + k] - logits[first + best]);
    }
    for (int k = 0; k < logOdds.length; k++) {
      double h = (double) logits[first + k] - logits[first + best];
      logOdds[k][rows] = (float) (h - Math.log(k == best ? rest : 1 + rest - Math.exp(h)));
    }
  }

  /** The mean over the classes that are there and not all; NaN if none is, or of too many rows. */
  double mean() {
    if (tooMany) {
      return Double.NaN;
    }
    double sum = 0;
    int both = 0;
    for (int k = 0; k < logOdds.length; k++) {
      int positive = logOdds.length == 1 ? 1 : k;
      long positives = Arrays.stream(targets, 0, rows).filter(each -> each == positive).count();
      if (positives > 0 && positives < rows) {
        sum += area(logOdds[k], positive);
        both++;
      }
    }
    return sum / both;
  }

  private double area(float[] odds, int positive) {
    long[] keys = new long[rows];
    for (int n = 0; n < rows; n++) {
      if (Float.isNaN(odds[n])) {
        return Double.NaN;
      }
      keys[n] = 2L * ordered(odds[n]) + (targets[n] == positive ? 1 : 0);
    }
    Arrays.sort(keys);
    double below = 0; // negatives
    double pairs = 0;
    int next;
    for (int n = 0; n < rows; n = next) {
      long negatives = 0;
      for (next = n; next < rows && keys[next] >> 1 == keys[n] >> 1; next++) {
        negatives += 1 - (keys[next] & 1);
      }
      pairs += (next - n - negatives) * (below + negatives / 2.0);
      below += negatives;
    }
    return pairs / (below * (rows - below));
  }

  /** Integers in the order of their floats, both zeros alike. */
  private static int ordered(float value) {
    int bits = Float.floatToIntBits(value + 0f);
    return bits ^ (bits >> 31 & 0x7fffffff);
  }
}
