package dev.krongauss.kernel.argument;

import dev.krongauss.device.Check;

/**
 * How much of a moving average the past keeps as a batch enters: beta = min(1 − 1/k, decay) for the
 * k-th batch ({@code kernels/batches.cuh}). The device counts, so that a launch replayed from a
 * graph enters the next batch.
 *
 * @param decay greatest beta, in [0, 1)
 * @param batches device address of two ints, 0 before the first batch, which belong to this average
 *     alone: the batches that are in it, and what blocks of a launch tell each other; 0 (no
 *     address) where beta is {@code decay} from the start
 */
public record Past(float decay, long batches) {
  /** Ints at {@link #batches}. */
  public static final int INTS = 2;

  /** No past: what enters replaces what was there. */
  public static final Past NONE = always(0);

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if the decay is outside of [0, 1) or the address no multiple
   *     of 4
   */
  public Past {
    Check.that(decay >= 0 && decay < 1, "moving-average weight %s is outside of [0, 1)", decay);
    Check.that(batches % 4 == 0, "counter of batches at 0x%x, which is no multiple of 4", batches);
  }

  /** The same beta for every batch. */
  public static Past always(float beta) {
    return new Past(beta, 0);
  }
}
