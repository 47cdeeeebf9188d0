package dev.krongauss.kernel.argument;

import dev.krongauss.device.Check;

/**
 * What the last block of a loss' evaluation does besides: the mean of the losses, and the beginning
 * of an update.
 *
 * @param arrived device address of an int, 0 before the first use and after each; launches that
 *     share it follow one another
 * @param mean device address of one float
 * @param beginning null for none
 */
public record LossMean(long arrived, long mean, Beginning beginning) {
  /**
   * Checks it.
   *
   * @throws IllegalArgumentException if an address is missing
   */
  public LossMean {
    Check.that(
        arrived != 0 && arrived % 4 == 0 && mean != 0 && mean % 4 == 0,
        "device addresses 0x%x and 0x%x of a counter and a mean: one is null or not a multiple of 4",
        arrived,
        mean);
  }
}
