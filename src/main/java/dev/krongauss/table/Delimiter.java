package dev.krongauss.table;

import java.util.Arrays;

/**
 * What separates the fields of a text: tab, semicolon or comma.
 *
 * <p>The one that stands equally often, at least once, in each of the first records; if several do,
 * tab before semicolon before comma, so that decimal commas between semicolons are not taken for
 * separators. If none does, the one that stands most often in the first record.
 */
final class Delimiter {
  private static final char[] CANDIDATES = {'\t', ';', ','};
  private static final int RECORDS = 20;

  private Delimiter() {}

  /**
   * The separator of a text.
   *
   * @param sample the beginning of a file; its last record may be cut off
   * @param whole whether the sample is all of it
   * @return comma if there is none of the three
   */
  static char of(CharSequence sample, boolean whole) {
    char most = ',';
    int count = 0;
    for (char candidate : CANDIDATES) {
      int[] counts = counts(sample, candidate, whole);
      if (counts.length > 0 && counts[0] > 0) {
        if (equal(counts)) {
          return candidate;
        }
        if (counts[0] > count) {
          most = candidate;
          count = counts[0];
        }
      }
    }
    return most;
  }

  private static boolean equal(int[] counts) {
    for (int count : counts) {
      if (count != counts[0]) {
        return false;
      }
    }
    return true;
  }

  /** How often a character stands outside of quotes, in each of the first records. */
  private static int[] counts(CharSequence sample, char wanted, boolean whole) {
    int[] counts = new int[RECORDS];
    int records = 0;
    boolean quoted = false;
    int begin = 0;
    for (int i = 0; i < sample.length() && records < RECORDS; i++) {
      char c = sample.charAt(i);
      if (c == '"') {
        quoted = !quoted;
      } else if (!quoted && c == wanted) {
        counts[records]++;
      } else if (!quoted && (c == '\n' || c == '\r')) {
        if (i > begin) {
          records++;
        }
        begin = i + 1;
      }
    }
    if (records < RECORDS && begin < sample.length() && (whole || records == 0)) {
      records++;
    }
    return Arrays.copyOf(counts, records);
  }
}
