package dev.krongauss.table;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** Names that are not there, and those that may be meant. */
final class Names {
  private static final int MOST = 3;
  private static final int MOST_LISTED = 12;

  private Names() {}

  /** {@code ; did you mean 'a' or 'b'?}, or {@code ; there are a, b, c} where nothing is near. */
  static String suggestion(String wanted, Collection<String> names) {
    String low = wanted.toLowerCase(Locale.ROOT).strip();
    int reach = Math.max(2, low.length() / 3);
    List<String> near =
        names.stream()
            .filter(name -> distance(low, name.toLowerCase(Locale.ROOT)) <= reach)
            .sorted(Comparator.comparingInt(name -> distance(low, name.toLowerCase(Locale.ROOT))))
            .limit(MOST)
            .toList();
    return near.isEmpty()
        ? "; there are " + listed(names)
        : "; did you mean '" + String.join("' or '", near) + "'?";
  }

  /** The first names, and how many more there are. */
  static String listed(Collection<String> names) {
    String first = String.join(", ", names.stream().limit(MOST_LISTED).toList());
    int more = names.size() - MOST_LISTED;
    return more > 0 ? "%s and %,d more".formatted(first, more) : first;
  }

  /** Levenshtein's distance: insertions, deletions and replacements. */
  static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }
}
