package dev.krongauss.train;

import dev.krongauss.data.Dataset;

/**
 * Targets of a data set on the host, with the datapoints' weights apart.
 *
 * @param values {@code [size][width]}, the data set's own array
 * @param width of a row, the weight included
 * @param outputs columns that are targets
 * @param size rows
 * @param weighted whether the column behind them is the weight
 */
record TargetRows(float[] values, int width, int outputs, int size, boolean weighted) {
  static TargetRows of(Dataset data, boolean weighted) {
    int width = data.targetWidth();
    return new TargetRows(
        data.targets(), width, weighted ? width - 1 : width, data.size(), weighted);
  }

  double target(int row, int column) {
    return values[row * width + column];
  }

  double weight(int row) {
    return weighted ? values[row * width + width - 1] : 1;
  }

  /** Whether a row counts at all. */
  boolean anyWeight() {
    for (int n = 0; n < size; n++) {
      if (weight(n) > 0) {
        return true;
      }
    }
    return false;
  }

  /** The weights of all rows. */
  double[] weights() {
    double[] weights = new double[size];
    for (int n = 0; n < size; n++) {
      weights[n] = weight(n);
    }
    return weights;
  }

  /** Whether every target is 0 or 1. */
  boolean binary() {
    for (int n = 0; n < size; n++) {
      for (int i = 0; i < outputs; i++) {
        double t = target(n, i);
        if (t != 0 && t != 1) {
          return false;
        }
      }
    }
    return true;
  }

  /** The column with the greatest target, the first of equal ones. */
  int greatest(int row) {
    int best = 0;
    for (int i = 1; i < outputs; i++) {
      if (target(row, i) > target(row, best)) {
        best = i;
      }
    }
    return best;
  }
}
