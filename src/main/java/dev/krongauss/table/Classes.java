package dev.krongauss.table;

import java.util.Arrays;

/** Target rows of classes: 0/1 or one-hot, with a weight behind if there are weights. */
final class Classes {
  private final boolean binary;
  private final int outputs;
  private final double[] weights;

  /**
   * @param weights of each class; empty: none
   */
  Classes(ColumnPlan plan, double[] weights) {
    binary = plan.task() == Task.BINARY;
    outputs = plan.outputs();
    this.weights = weights;
  }

  int width() {
    return outputs + (weights.length > 0 ? 1 : 0);
  }

  /** Writes row {@code at} of an array of zeros {@code [n][width]}. */
  void put(int index, float[] into, int at) {
    int begin = at * width();
    if (binary) {
      into[begin] = index;
    } else {
      into[begin + index] = 1;
    }
    if (weights.length > 0) {
      into[begin + outputs] = (float) weights[index];
    }
  }

  /** Rows whose classes are numbers, stored as x - shift. */
  float[] encode(float[] stored, double shift, double[] classes) {
    float[] rows = new float[stored.length * width()];
    for (int n = 0; n < stored.length; n++) {
      put(nearest(stored[n] + shift, classes), rows, n);
    }
    return rows;
  }

  /** Classes are at least far enough apart for this where {@link #distinguishable} says so. */
  private static int nearest(double value, double[] classes) {
    int best = 0;
    for (int i = 1; i < classes.length; i++) {
      if (Math.abs(classes[i] - value) < Math.abs(classes[best] - value)) {
        best = i;
      }
    }
    return best;
  }

  /** Whether numbers kept as float(x - shift) cannot be taken for their neighbours. */
  static boolean distinguishable(double[] classes, double shift) {
    double[] ascending = classes.clone();
    Arrays.sort(ascending);
    for (int i = 1; i < ascending.length; i++) {
      double reach = Math.max(Math.abs(ascending[i] - shift), Math.abs(ascending[i - 1] - shift));
      if (!(ascending[i] - ascending[i - 1] > reach * 0x1p-20)) {
        return false;
      }
    }
    return true;
  }
}
