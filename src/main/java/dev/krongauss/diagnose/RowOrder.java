package dev.krongauss.diagnose;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntUnaryOperator;

/**
 * An order in which rows of δ may lie beside those of the activations.
 *
 * @param rows of δ, by rows of the activations
 */
record RowOrder(Fault fault, double number, String words, int[] rows) {
  private static final int MOST_ROWS_AWAY = 8;
  private static final int MOST_DATAPOINTS_AWAY = 4;

  /** All orders that are tried, the nearest first. */
  static List<RowOrder> all(int N, int T) {
    int R = N * T;
    List<RowOrder> orders = new ArrayList<>();
    for (int by : shifts(N, T)) {
      orders.add(
          new RowOrder(
              Fault.ROWS_SHIFTED,
              by,
              "δ whose rows are %d %s".formatted(Math.abs(by), by > 0 ? "further on" : "before"),
              rows(R, r -> Math.floorMod(r + by, R))));
    }
    orders.add(
        new RowOrder(
            Fault.ROWS_REORDERED,
            Double.NaN,
            "δ with rows from the last to the first",
            rows(R, r -> R - 1 - r)));
    if (T > 1 && N > 1) {
      orders.add(
          new RowOrder(
              Fault.ROWS_REORDERED,
              Double.NaN,
              "δ with rows t·N + n beside activations with rows n·T + t",
              rows(R, r -> r % T * N + r / T)));
      orders.add(
          new RowOrder(
              Fault.ROWS_REORDERED,
              Double.NaN,
              "activations with rows t·N + n beside δ with rows n·T + t",
              rows(R, r -> r % N * T + r / N)));
    }
    return orders;
  }

  /** Distances at which a row may be displaced, without those that are the same order. */
  static List<Integer> shifts(int N, int T) {
    int R = N * T;
    List<Integer> shifts = new ArrayList<>();
    for (int by = 1; by <= Math.min(MOST_ROWS_AWAY, R / 2); by++) {
      shifts.add(by);
      if (2 * by != R) {
        shifts.add(-by);
      }
    }
    for (int n = 1; T > 1 && n <= Math.min(MOST_DATAPOINTS_AWAY, N / 2); n++) {
      if (n * T > MOST_ROWS_AWAY) {
        shifts.add(n * T);
        if (2 * n != N) {
          shifts.add(-n * T);
        }
      }
    }
    return shifts;
  }

  private static int[] rows(int R, IntUnaryOperator of) {
    int[] rows = new int[R];
    Arrays.setAll(rows, of);
    return rows;
  }
}
