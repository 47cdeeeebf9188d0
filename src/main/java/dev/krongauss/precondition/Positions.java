package dev.krongauss.precondition;

import dev.krongauss.device.Check;

/**
 * The rows of a batch: N datapoints of T positions each, row n T + t; which of them count, which
 * are looked at, and of which objective the square roots are. Immutable: every method gives another
 * one.
 *
 * <p>Square roots c_{nt} are those of the *sum* of the losses, the rest is scaled here: for KFAC
 * with losses at every position the gradient of Σ_t E_{nt}, at targets drawn from the model, with
 * respect to the pre-activation; for a loss of the datapoint the gradient of E_n. {@link
 * #gradientsOfMean} takes what a backward pass of the mean objective leaves.
 */
public final class Positions {
  private final int datapoints;
  private final int positions;
  private final long lengths;
  private final long mask;
  private final boolean summed;
  private final boolean mean;
  private final int oneOf;

  private Positions(
      int datapoints,
      int positions,
      long lengths,
      long mask,
      boolean summed,
      boolean mean,
      int oneOf) {
    this.datapoints = datapoints;
    this.positions = positions;
    this.lengths = lengths;
    this.mask = mask;
    this.summed = summed;
    this.mean = mean;
    this.oneOf = oneOf;
  }

  /**
   * All rows of a batch.
   *
   * @param datapoints N
   * @param positions T of this batch; another batch may have another one
   * @throws IllegalArgumentException if one is less than 1, or N T is 2³¹ or more
   */
  public static Positions of(int datapoints, int positions) {
    Check.that(
        datapoints >= 1 && positions >= 1,
        "%d datapoints of %d positions; both must be at least 1",
        datapoints,
        positions);
    Check.count((long) datapoints * positions, "rows of a batch; hand over fewer datapoints");
    return new Positions(datapoints, positions, 0, 0, false, false, 1);
  }

  /**
   * The positions t ≥ length of a datapoint are padding and count for nothing, whatever stands
   * there; means are over those that count, and a datapoint of length 0 is none. Leave out a batch
   * in which none counts, since it enters zeros into the averages. A length outside of 0 … T makes
   * the factors NaN, which {@link Preconditioner#failure} reports.
   *
   * @param deviceInts address of ints {@code [N]}, the caller's, read as the stream comes to it
   * @throws IllegalArgumentException if the address is 0 or no multiple of 4, or there is a mask
   */
  public Positions lengths(long deviceInts) {
    checkAddress(deviceInts, "lengths");
    Check.that(mask == 0, "lengths beside a mask; give one of them");
    return new Positions(datapoints, positions, deviceInts, 0, summed, mean, oneOf);
  }

  /**
   * The same by a mask: 1 for a position that counts, 0 for one that does not. Under {@link
   * Sharing#EXPAND} other weights count as so many positions: 1/length for objectives that average
   * over each datapoint by itself. A negative or NaN weight makes the factors NaN.
   *
   * @param deviceFloats address of floats {@code [N][T]}, compact, the caller's
   * @throws IllegalArgumentException if the address is 0 or no multiple of 4, or there are lengths
   */
  public Positions mask(long deviceFloats) {
    checkAddress(deviceFloats, "mask");
    Check.that(lengths == 0, "a mask beside lengths; give one of them");
    return new Positions(datapoints, positions, 0, deviceFloats, summed, mean, oneOf);
  }

  /**
   * The objective is the mean over the datapoints of the sum over their positions, not the mean
   * over all positions: G, and it alone, is Z/N times as large. Without meaning for {@link
   * Sharing#REDUCE}, where the square roots say it.
   */
  public Positions summed() {
    return new Positions(datapoints, positions, lengths, mask, true, mean, oneOf);
  }

  /**
   * The square roots are gradients of the objective itself, a mean, as one backward pass leaves
   * them, and are multiplied by what it was divided by: the positions that count, or for {@link
   * #summed} and {@link Sharing#REDUCE} the datapoints. For KFAC; targets still are to be drawn
   * from the model, or it is the empirical Fisher.
   */
  public Positions gradientsOfMean() {
    return new Positions(datapoints, positions, lengths, mask, summed, true, oneOf);
  }

  /**
   * Looks at one of k rows only ({@link Sharing#EXPAND}, embeddings), or of k datapoints ({@link
   * Sharing#REDUCE}, scales and shifts): of each k that follow one another one is drawn, anew for
   * each batch, and stands for all. The expectation of Q and G is what it was. Which are drawn is a
   * function of the layer and of the batches entered, so that a resumed training draws the same.
   *
   * @param k 1 for all
   * @throws IllegalArgumentException if k is less than 1
   */
  public Positions oneOf(int k) {
    Check.that(k >= 1, "one of %d rows; 1 or more are possible", k);
    return new Positions(datapoints, positions, lengths, mask, summed, mean, k);
  }

  /** N. */
  public int datapoints() {
    return datapoints;
  }

  /** T. */
  public int positions() {
    return positions;
  }

  /** N T. */
  public int rows() {
    return datapoints * positions;
  }

  /** How many members share one row, 1 for all rows. */
  public int drawnOf() {
    return oneOf;
  }

  /** Whether another one says the same. */
  boolean alike(Positions other) {
    return datapoints == other.datapoints
        && positions == other.positions
        && lengths == other.lengths
        && mask == other.mask
        && summed == other.summed
        && mean == other.mean
        && oneOf == other.oneOf;
  }

  boolean isSummed() {
    return summed;
  }

  boolean isOfMean() {
    return mean;
  }

  boolean masked() {
    return lengths != 0 || mask != 0;
  }

  long lengthsAt() {
    return lengths;
  }

  long maskAt() {
    return mask;
  }

  private static void checkAddress(long pointer, String name) {
    Check.that(
        pointer != 0 && pointer % 4 == 0,
        "device address 0x%x of the %s is null or no multiple of 4",
        pointer,
        name);
  }

  @Override
  public String toString() {
    return datapoints
        + " datapoints of "
        + positions
        + " positions"
        + (masked() ? ", some of them padding" : "")
        + (oneOf == 1 ? "" : ", one of " + oneOf + " looked at");
  }
}
