package dev.krongauss.kernel.argument;

import dev.krongauss.device.Check;

/**
 * The batches of a data set in the order of permutations, one after the other, and which one comes
 * next, all in device memory.
 *
 * @param permutations device address of {@code [count][M]} ints, each a row of the data set
 * @param count permutations, which come in turns
 * @param M rows of the data set
 * @param N rows of a batch; those of a permutation that are not enough for another one are left out
 * @param next device address of two ints: the number of the next batch, from 0 to those of all
 *     permutations, which a launch counts on, and 0; launches that share them follow one another
 */
public record BatchOrder(long permutations, int count, int M, int N, long next) {
  /**
   * Checks it.
   *
   * @throws IllegalArgumentException if an address is missing, a batch has no row or more than
   *     there are, or there are more batches than an int counts
   */
  public BatchOrder {
    Check.that(
        permutations != 0 && permutations % 4 == 0 && next != 0 && next % 4 == 0,
        "device addresses 0x%x and 0x%x of permutations and of the next batch's number: one is null"
            + " or not a multiple of 4",
        permutations,
        next);
    Check.that(
        count >= 1 && N >= 1 && N <= M && (long) count * (M / N) <= Integer.MAX_VALUE,
        "batches of %,d rows of %,d in %,d permutations; a batch has 1 row to all, and there are 2^31 - 1 at most",
        N,
        M,
        count);
  }

  /** Batches of all permutations. */
  public int batches() {
    return count * (M / N);
  }
}
