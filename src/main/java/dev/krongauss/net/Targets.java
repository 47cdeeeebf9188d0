package dev.krongauss.net;

import dev.krongauss.device.Check;
import java.util.Arrays;
import java.util.function.Consumer;

/** Checks of target rows on the host, {@code [rows][columns]} compact. */
final class Targets {
  /** How far the sum of a probability vector may be from 1: rounding of its float elements. */
  private static final double SLACK = 1e-5;

  private Targets() {}

  /** Every value in [0, 1]. */
  static void probabilities(float[] targets, int columns, String loss) {
    for (int i = 0; i < targets.length; i++) {
      Check.that(
          targets[i] >= 0 && targets[i] <= 1,
          "the target in row %d, column %d is %s; targets of %s are probabilities in [0, 1]: scale them, or use"
              + " Loss.squared() for targets of any size",
          i / columns,
          i % columns,
          targets[i],
          loss);
    }
  }

  /** Every row a probability vector: values in [0, 1] that sum to 1 ± 1e-5. */
  static void distributions(float[] targets, int columns) {
    probabilities(targets, columns, "softmax");
    for (int row = 0; row < targets.length / columns; row++) {
      double sum = 0;
      for (int j = 0; j < columns; j++) {
        sum += targets[row * columns + j];
      }
      Check.that(
          Math.abs(sum - 1) <= SLACK,
          "the targets in row %d sum to %.7g; a target row of softmax is a probability vector and sums to 1 ± 1e-5:"
              + " give one-hot rows, divide each row by its sum, or use Loss.bernoulli() for outputs that do not"
              + " exclude each other",
          row,
          sum);
    }
  }

  /** Every value 0 or 1. */
  static void bits(float[] targets, int columns, String loss) {
    for (int i = 0; i < targets.length; i++) {
      Check.that(
          targets[i] == 0 || targets[i] == 1,
          "the target in row %d, column %d is %s; %s takes 0 and 1 alone: give the classes these two numbers",
          i / columns,
          i % columns,
          targets[i],
          loss);
    }
  }

  /** Each row by a check of the user's, whose message gets the row's number. */
  static void rows(float[] targets, int columns, Consumer<float[]> check) {
    for (int row = 0; row < targets.length / columns; row++) {
      try {
        check.accept(Arrays.copyOfRange(targets, row * columns, (row + 1) * columns));
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException("the target in row " + row + ": " + e.getMessage(), e);
      }
    }
  }
}
