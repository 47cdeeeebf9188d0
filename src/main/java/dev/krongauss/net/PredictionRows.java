package dev.krongauss.net;

import dev.krongauss.device.Check;
import java.util.Objects;

/** What is looked at before a prediction begins. */
final class PredictionRows {
  /** The exponent's bits: all of them are set in NaN and the infinities alone. */
  private static final int NOT_FINITE = 0x7f800000;

  private PredictionRows() {}

  /**
   * Checks sizes and values.
   *
   * @param length of the array for the results
   * @throws IllegalArgumentException if one does not fit
   */
  static void check(float[] rows, int n, int inputs, int length, int outputs) {
    Objects.requireNonNull(rows, "rows; give an array [n][d_0]");
    Check.that(n >= 0, "a prediction of %d rows; give 0 or more", n);
    Check.that(
        (long) n * inputs <= rows.length,
        "%,d rows of %d inputs are %,d values, and the array has %,d; give rows [n][%d], compact",
        n,
        inputs,
        (long) n * inputs,
        rows.length,
        inputs);
    Check.that(
        (long) n * outputs <= length,
        "%,d rows of %d outputs are %,d values, and the array for them has %,d",
        n,
        outputs,
        (long) n * outputs,
        length);
    int count = n * inputs;
    if (!finite(rows, count)) {
      refuse(rows, count, inputs);
    }
  }

  /** A loop without a branch, which the JVM vectorises: a sum over rows costs as long as a copy. */
  private static boolean finite(float[] values, int count) {
    int largest = 0;
    for (int i = 0; i < count; i++) {
      largest = Math.max(largest, Float.floatToRawIntBits(values[i]) & NOT_FINITE);
    }
    return largest != NOT_FINITE;
  }

  private static void refuse(float[] rows, int count, int inputs) {
    for (int i = 0; i < count; i++) {
      Check.that(
          Float.isFinite(rows[i]),
          "input %d of row %,d is %s; every value must be a finite number: leave such rows out, or"
              + " fill in what is missing as the training data were",
          i % inputs,
          i / inputs,
          rows[i]);
    }
  }
}
