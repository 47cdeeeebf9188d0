package dev.krongauss.kernel.argument;

import dev.krongauss.device.Check;

/**
 * How an update begins on the device: it is counted, and the dampings follow their rules. Enqueued
 * by itself, or as the end of the launch that evaluates the loss.
 *
 * @param scalars device address of the scalar block ({@link dev.krongauss.kernel.Control})
 * @param eta L2 weight η
 * @param gammaFollows whether γ becomes √(λ + η)
 * @param mu weight of the past in the gradients' average, in [0, 1), 0 in the first three applied
 *     updates; {@link #NO_AVERAGE} where there is no such average
 */
public record Beginning(long scalars, float eta, boolean gammaFollows, float mu) {
  /** Of an update with one step length for all layers. */
  public static final float NO_AVERAGE = -1;

  /**
   * Checks it.
   *
   * @throws IllegalArgumentException if mu is none of these, or the block has no address
   */
  public Beginning {
    Check.that(
        mu == NO_AVERAGE || (mu >= 0 && mu < 1),
        "weight %s of the past gradients is outside of [0, 1)",
        mu);
    Check.that(
        scalars != 0 && scalars % 4 == 0,
        "device address 0x%x of the scalar block is null or not a multiple of 4",
        scalars);
  }
}
