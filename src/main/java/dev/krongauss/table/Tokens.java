package dev.krongauss.table;

import java.util.List;
import java.util.Locale;

/** Texts that stand for something: a missing value, an infinite one. */
final class Tokens {
  /** What a missing value may be, in any case, beside an empty cell. */
  static final List<String> MISSING = List.of("NA", "N/A", "NaN", "null", "?");

  private static final int LONGEST = 4;
  private static final char[][] LOWER = MISSING.stream().map(Tokens::lower).toArray(char[][]::new);
  private static final char[][] INFINITE = {lower("inf"), lower("infinity")};

  private Tokens() {}

  static boolean isMissing(char[] text, int begin, int length) {
    if (length == 0) {
      return true;
    }
    if (length > LONGEST) {
      return false;
    }
    for (char[] token : LOWER) {
      if (equal(token, text, begin, length)) {
        return true;
      }
    }
    return false;
  }

  /** Infinite with its sign, or 0: neither. */
  static double infinite(char[] text, int begin, int length) {
    boolean sign = length > 0 && (text[begin] == '-' || text[begin] == '+');
    int skip = sign ? 1 : 0;
    for (char[] token : INFINITE) {
      if (equal(token, text, begin + skip, length - skip)) {
        return sign && text[begin] == '-' ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
      }
    }
    return 0;
  }

  private static char[] lower(String token) {
    return token.toLowerCase(Locale.ROOT).toCharArray();
  }

  private static boolean equal(char[] token, char[] text, int begin, int length) {
    if (length != token.length) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      char c = text[begin + i];
      char small = c >= 'A' && c <= 'Z' ? (char) (c + ('a' - 'A')) : c;
      if (small != token[i]) {
        return false;
      }
    }
    return true;
  }
}
