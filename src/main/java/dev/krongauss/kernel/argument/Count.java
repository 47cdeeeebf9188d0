package dev.krongauss.kernel.argument;

import dev.krongauss.device.Launch;

/**
 * A count of events in device memory ({@code kernels/count.cuh}): two words of 4 bytes, which need
 * not be neighbours.
 *
 * @param low device address of the lower 32 bits
 * @param high device address of the upper ones; 0 (no address) for a count of 32 bits
 */
public record Count(long low, long high) {
  /** Events that are counted at most, so that every count is a double, too. */
  public static final long MOST = 1L << 53;

  /** A count of 32 bits. */
  public static Count of(long low) {
    return new Count(low, 0);
  }

  /** The count of two words. */
  public static long of(int low, int high) {
    return (long) high << 32 | Integer.toUnsignedLong(low);
  }

  /** Writes both addresses as arguments of a launch. */
  public Launch write(Launch launch) {
    return launch.pointer(low).pointer(high);
  }
}
