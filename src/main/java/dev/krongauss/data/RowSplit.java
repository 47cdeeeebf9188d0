package dev.krongauss.data;

import java.util.BitSet;

/**
 * Which rows are held out. The same size, fraction and seed give the same rows on every JDK.
 * Immutable.
 */
public final class RowSplit {
  private static final long STREAM = 0x73706c6974L; // of a seed's generators, the one for splits

  private final int size;
  private final BitSet heldOut;

  private RowSplit(int size, BitSet heldOut) {
    this.size = size;
    this.heldOut = heldOut;
  }

  /**
   * No row is held out.
   *
   * @param size number of rows
   * @return the split
   */
  public static RowSplit none(int size) {
    return new RowSplit(size, new BitSet());
  }

  /**
   * Rows drawn without replacement.
   *
   * @param size number of rows, at least 2
   * @param fraction above 0 and below 1; at least one row is held out and one is not
   * @param seed any number
   * @return the split
   * @throws IllegalArgumentException if there are too few rows, or the fraction is outside
   */
  public static RowSplit random(int size, double fraction, long seed) {
    int wanted = count(size, fraction);
    SplitMix random = SplitMix.of(seed, STREAM);
    BitSet rows = new BitSet(size);
    // Floyd's sampling: every set of that size is as likely, and nothing but the set is kept.
    for (int last = size - wanted; last < size; last++) {
      int row = random.nextInt(last + 1);
      rows.set(rows.get(row) ? last : row);
    }
    return new RowSplit(size, rows);
  }

  /**
   * The last rows.
   *
   * @param size number of rows, at least 2
   * @param fraction above 0 and below 1; at least one row is held out and one is not
   * @return the split
   * @throws IllegalArgumentException if there are too few rows, or the fraction is outside
   */
  public static RowSplit inOrder(int size, double fraction) {
    BitSet rows = new BitSet(size);
    rows.set(size - count(size, fraction), size);
    return new RowSplit(size, rows);
  }

  /**
   * Whole groups, in random order, until the fraction of the rows is reached; one group is left to
   * train on.
   *
   * @param groups of each row, its group: 0 to groups - 1
   * @param fraction above 0 and below 1
   * @param seed any number
   * @return the split
   * @throws IllegalArgumentException if there is one group only, or the fraction is outside
   */
  public static RowSplit byGroup(int[] groups, double fraction, long seed) {
    int wanted = count(groups.length, fraction);
    int count = 0;
    for (int group : groups) {
      count = Math.max(count, group + 1);
    }
    if (count < 2) {
      throw new IllegalArgumentException(
          "held out by group: all rows are of one group; two at least are needed");
    }
    int[] sizes = new int[count];
    for (int group : groups) {
      sizes[group]++;
    }
    BitSet chosen = new BitSet(count);
    int[] order = shuffled(count, seed);
    for (int i = 0, rows = 0; i < count - 1 && rows < wanted; i++) {
      chosen.set(order[i]);
      rows += sizes[order[i]];
    }
    BitSet rows = new BitSet(groups.length);
    for (int row = 0; row < groups.length; row++) {
      rows.set(row, chosen.get(groups[row]));
    }
    return new RowSplit(groups.length, rows);
  }

  /**
   * Number of rows.
   *
   * @return training rows and held-out rows
   */
  public int size() {
    return size;
  }

  /**
   * Whether a row is held out.
   *
   * @param row from 0
   * @return false: it is trained on
   */
  public boolean isHeldOut(int row) {
    return heldOut.get(row);
  }

  /**
   * How many of the first rows are held out.
   *
   * @param row from 0 to the number of rows
   * @return held-out rows with a smaller number
   */
  public int heldOutBefore(int row) {
    return heldOut.get(0, row).cardinality();
  }

  /**
   * Number of rows held out.
   *
   * @return 0 or more
   */
  public int heldOutCount() {
    return heldOut.cardinality();
  }

  /**
   * The rows held out.
   *
   * @return ascending, a new array
   */
  public int[] heldOutRows() {
    return heldOut.stream().toArray();
  }

  /**
   * The rows to train on.
   *
   * @return ascending, a new array
   */
  public int[] trainingRows() {
    int[] rows = new int[size - heldOutCount()];
    for (int i = 0, row = 0; i < rows.length; i++) {
      row = heldOut.nextClearBit(row);
      rows[i] = row++;
    }
    return rows;
  }

  private static int count(int size, double fraction) {
    if (size < 2) {
      throw new IllegalArgumentException(
          "held out of %,d rows: two rows at least are needed, one to train on".formatted(size));
    }
    if (!(fraction > 0 && fraction < 1)) {
      throw new IllegalArgumentException(
          "held out %s: give a fraction of the rows, above 0 and below 1".formatted(fraction));
    }
    return (int) Math.max(1, Math.min(size - 1, Math.round(size * fraction)));
  }

  private static int[] shuffled(int count, long seed) {
    SplitMix random = SplitMix.of(seed, STREAM);
    int[] order = new int[count];
    for (int i = 0; i < count; i++) {
      int j = random.nextInt(i + 1);
      order[i] = order[j];
      order[j] = i;
    }
    return order;
  }
}
