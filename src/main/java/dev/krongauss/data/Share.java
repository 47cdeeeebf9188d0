package dev.krongauss.data;

import dev.krongauss.device.Check;

/**
 * The rows of a batch that go to the device: all, or those of one rank.
 *
 * @param of rows of the whole batch
 * @param first of them
 * @param rows from there on
 */
record Share(int of, int first, int rows) {
  /** That batches of N rows can be taken from a data set. */
  static void check(RowSource data, int N) {
    Check.that(
        N >= 1 && N <= data.size(),
        "batch size %,d does not fit data set %s with %,d rows; choose 1 to %,d",
        N,
        data.name(),
        data.size(),
        data.size());
  }

  /** That batches of N rows can be taken from a data set whose datapoints are m rows. */
  static void checkStacks(Dataset data, int m, int N) {
    Check.that(
        m >= 1 && N >= 1 && N <= data.size() && N % m == 0 && data.size() % m == 0,
        "batches of %,d rows of data set %s with %,d rows, in datapoints of %,d rows; both are multiples of the"
            + " last one, and a batch has at most all rows",
        N,
        data.name(),
        data.size(),
        m);
  }

  /** The epoch of a batch, from 0; epochs have whole batches only. */
  long epoch(long number, EpochOrder order) {
    return number / (order.rows() / of);
  }

  /** Where these rows of a batch begin in its epoch's permutation. */
  int firstRow(long number, EpochOrder order) {
    return (int) (number % (order.rows() / of)) * of + first;
  }

  static Share all(int N) {
    return new Share(N, 0, N);
  }

  /** Those of a rank, from 0, of {@code size}. */
  static Share of(int N, int rank, int size) {
    Check.that(
        size >= 1 && rank >= 0 && rank < size && N >= size,
        "rank %d of %d ranks with batches of %d rows; ranks count from 0, and each needs a row",
        rank,
        size,
        N);
    int first = (int) ((long) rank * N / size);
    return new Share(N, first, (int) ((rank + 1L) * N / size) - first);
  }
}
