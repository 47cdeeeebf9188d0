package dev.krongauss.table;

import dev.krongauss.data.DataException;
import java.util.Locale;

/** Sentences with numbers, alike under every locale. */
final class Say {
  private Say() {}

  static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }

  /** {@code 1 row}, {@code 2 rows}. */
  static String count(long number, String what) {
    return text(number == 1 ? "%,d %s" : "%,d %ss", number, what);
  }

  static DataException problem(String format, Object... values) {
    return new DataException(text(format, values));
  }

  /** A text as it is shown within a sentence: not too long, on one line. */
  static String quoted(String text) {
    String line = text.replaceAll("\\s+", " ");
    return "'" + (line.length() > 40 ? line.substring(0, 40) + "..." : line) + "'";
  }
}
