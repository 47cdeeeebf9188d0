package dev.krongauss.table;

import java.util.HashMap;
import java.util.Map;

/**
 * Whole numbers of which none comes twice, as bits: 64 neighbours a word. Numbers that lie far
 * apart take a word each, so that there is a limit, above which nothing is known of them.
 */
final class Distinct {
  private static final int MOST_WORDS = 1 << 14;
  private static final int LEAST_WORDS = 1 << 6;
  private static final int MOST_OF_TABLE = 1 << 18;
  private static final double MOST_EXACT = 0x1p53;
  private static final double DENSE = 0.9;

  private final int limit;
  private final Map<Long, Long> words = new HashMap<>();
  private long count;
  private long least = Long.MAX_VALUE;
  private long most = Long.MIN_VALUE;

  /**
   * @param columns of the table, which share the memory
   */
  Distinct(int columns) {
    limit = Math.max(LEAST_WORDS, Math.min(MOST_WORDS, MOST_OF_TABLE / columns));
  }

  /** Takes a whole number; false if it was there, or the limit is reached. */
  boolean add(double value) {
    if (Math.abs(value) > MOST_EXACT) {
      return false;
    }
    long number = (long) value;
    least = Math.min(least, number);
    most = Math.max(most, number);
    count++;
    return add(number >> 6, 1L << (number & 63));
  }

  private boolean add(long word, long bits) {
    long before = words.getOrDefault(word, 0L);
    words.put(word, before | bits);
    return (before & bits) == 0 && words.size() <= limit;
  }

  /** Both together; null where one is null, or a number is in both. */
  static Distinct joined(Distinct ours, Distinct later) {
    if (ours == null || later == null) {
      return null;
    }
    for (Map.Entry<Long, Long> word : later.words.entrySet()) {
      if (!ours.add(word.getKey(), word.getValue())) {
        return null;
      }
    }
    ours.count += later.count;
    ours.least = Math.min(ours.least, later.least);
    ours.most = Math.max(ours.most, later.most);
    return ours;
  }

  /** Whether at least nine tenths of the numbers from the least to the greatest are there. */
  boolean isDense() {
    return count > 0 && count >= DENSE * (most - least + 1.0);
  }
}
