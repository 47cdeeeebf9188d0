package dev.krongauss.kernel.argument;

import dev.krongauss.device.Check;
import dev.krongauss.device.Launch;

/**
 * Which rows of a batch count, how much, and of how many one is drawn ({@code
 * kernels/positions.cuh}): row n T + t is position t of datapoint n.
 *
 * @param datapoints N
 * @param positions T
 * @param mask device address of floats {@code [N T]}, 0 for padding, or 0 (no address)
 * @param lengths device address of ints {@code [N]}: positions from there on are padding; or 0
 * @param totals device address of two floats, that of the weights and the datapoints with any; 0
 *     where neither a mask nor lengths are given
 * @param batches device address of the batches counted so far, which a draw depends on, or 0
 * @param group of so many members that follow one another one is drawn; 1 for all
 * @param ahead batches that have been counted there since this batch began
 * @param use keeps the draws of different layers apart
 */
public record PositionSet(
    int datapoints,
    int positions,
    long mask,
    long lengths,
    long totals,
    long batches,
    int group,
    int ahead,
    int use) {
  private static final int BYTES = 56;

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if a count is not positive, there are 2³¹ rows, an address is
   *     no multiple of 4, or totals are missing
   */
  public PositionSet {
    Check.that(
        datapoints >= 1 && positions >= 1 && group >= 1,
        "%d datapoints of %d positions, one of %d drawn; each must be at least 1",
        datapoints,
        positions,
        group);
    Check.count((long) datapoints * positions, "rows of a batch");
    Check.that(
        mask % 4 == 0 && lengths % 4 == 0 && totals % 4 == 0 && batches % 4 == 0,
        "mask 0x%x, lengths 0x%x, totals 0x%x or batches 0x%x is no multiple of 4",
        mask,
        lengths,
        totals,
        batches);
    Check.that(mask == 0 || lengths == 0, "a mask and lengths; give one of them");
    Check.that(
        (mask == 0 && lengths == 0) == (totals == 0),
        "totals 0x%x with mask 0x%x and lengths 0x%x; totals are needed with one of these, and only then",
        totals,
        mask,
        lengths);
  }

  /** All rows count. */
  public static PositionSet all(int datapoints, int positions) {
    return new PositionSet(datapoints, positions, 0, 0, 0, 0, 1, 0, 0);
  }

  /** N T. */
  public int rows() {
    return datapoints * positions;
  }

  /** Groups of this many members, of each of which one is drawn. */
  public int groups(int members) {
    return (int) (((long) members + group - 1) / group);
  }

  /** Writes the struct as an argument of a launch. */
  public Launch write(Launch launch) {
    return launch
        .struct(BYTES)
        .pointer(mask)
        .pointer(lengths)
        .pointer(totals)
        .pointer(batches)
        .i32(datapoints)
        .i32(positions)
        .i32(group)
        .i32(ahead)
        .i32(use)
        .end();
  }
}
