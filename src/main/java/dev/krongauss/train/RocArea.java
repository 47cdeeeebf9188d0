package dev.krongauss.train;

import java.util.Arrays;

/**
 * The area under the ROC curve: how likely a datapoint of the positive class has a greater score
 * than one of the negative class, equal scores counted half (Mann and Whitney's statistic by
 * mid-ranks).
 */
final class RocArea {
  private RocArea() {}

  /**
   * The area; takes the order of n numbers.
   *
   * @param scores of the datapoints
   * @param positive whether each is of the positive class
   * @param weights of the datapoints, at least 0
   * @return NaN where a class has no weight, or a score is not a number
   */
  static double of(double[] scores, boolean[] positive, double[] weights) {
    double[] values = distinct(scores);
    if (values.length == 0 || Double.isNaN(values[values.length - 1])) {
      return Double.NaN;
    }
    double[] positives = new double[values.length];
    double[] negatives = new double[values.length];
    for (int n = 0; n < scores.length; n++) {
      int place = Arrays.binarySearch(values, scores[n] + 0.0);
      (positive[n] ? positives : negatives)[place] += weights[n];
    }
    double below = 0;
    double pairs = 0;
    double allPositives = 0;
    for (int k = 0; k < values.length; k++) {
      pairs += positives[k] * (below + negatives[k] / 2);
      below += negatives[k];
      allPositives += positives[k];
    }
    return pairs / (allPositives * below); // 0 / 0 with one class
  }

  /** In ascending order, NaN last; the two zeros are one value. */
  private static double[] distinct(double[] scores) {
    double[] values = new double[scores.length];
    for (int n = 0; n < scores.length; n++) {
      values[n] = scores[n] + 0.0;
    }
    Arrays.sort(values);
    int count = 0;
    for (int n = 0; n < values.length; n++) {
      if (count == 0 || Double.compare(values[n], values[count - 1]) != 0) {
        values[count++] = values[n];
      }
    }
    return Arrays.copyOf(values, count);
  }
}
