package dev.krongauss.kernel;

import dev.krongauss.device.Buffer;
import java.util.Arrays;
import java.util.function.IntToDoubleFunction;

/** A vector of doubles of a trial, on both sides. */
final class Doubles {
  /** Unit roundoff of double. */
  static final double EPSILON = 0x1p-53;

  private final Trial trial;
  private final double[] values;
  private final Buffer buffer;

  private Doubles(Trial trial, double[] values) {
    this.trial = trial;
    this.values = values;
    int[] words = new int[2 * values.length];
    for (int i = 0; i < values.length; i++) {
      long bits = Double.doubleToRawLongBits(values[i]);
      words[2 * i] = (int) bits;
      words[2 * i + 1] = (int) (bits >> 32);
    }
    buffer = trial.ints(words);
  }

  /** Uniform in [-1, 1), or in [0, 1) for positive trials; no floats. */
  static Doubles random(Trial trial, int count) {
    double[] values = new double[count];
    Arrays.setAll(
        values,
        i -> trial.positive() ? trial.random().nextDouble() : 2 * trial.random().nextDouble() - 1);
    return new Doubles(trial, values);
  }

  static Doubles of(Trial trial, double... values) {
    return new Doubles(trial, values.clone());
  }

  /** What a kernel writes whole; NaN before. */
  static Doubles output(Trial trial, int count) {
    double[] values = new double[count];
    Arrays.fill(values, Double.NaN);
    return new Doubles(trial, values);
  }

  long pointer() {
    return buffer.pointer();
  }

  int size() {
    return values.length;
  }

  /** The value before the launch. */
  double at(int i) {
    return values[i];
  }

  double[] before() {
    return values.clone();
  }

  /** The values now. */
  double[] download() {
    int[] words = buffer.downloadInts(2 * values.length, trial.device().stream());
    double[] now = new double[values.length];
    Arrays.setAll(
        now,
        i -> Double.longBitsToDouble(words[2 * i] & 0xffffffffL | (long) words[2 * i + 1] << 32));
    return now;
  }

  /** Checks that nothing was written. */
  void checkUnchanged(String what) {
    check(what, i -> values[i], i -> 0);
  }

  /**
   * Compares with a reference, element by element: the error over its bound.
   *
   * @param bound the largest error; 0 for none
   */
  void check(String what, IntToDoubleFunction wanted, IntToDoubleFunction bound) {
    double[] now = download();
    trial.check(
        what + ", error over bound",
        Host.of(1, now.length, (r, i) -> ratio(now[i], wanted.applyAsDouble(i), bound, i)),
        (r, i) -> new Wanted(0, 1));
  }

  private static double ratio(double got, double wanted, IntToDoubleFunction bound, int i) {
    return Double.doubleToLongBits(got) == Double.doubleToLongBits(wanted)
        ? 0
        : (got - wanted) / bound.applyAsDouble(i);
  }
}
