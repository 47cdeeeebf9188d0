package dev.krongauss.mutation;

import java.util.ArrayList;
import java.util.List;

/**
 * A source file in which texts are looked for as a reader would: comments and layout do not count.
 * White space matters only where it separates two words.
 */
final class SourceText {
  private final String source;
  private final String bare;

  /** For each character of {@code bare} its place in {@code source}. */
  private final int[] places;

  SourceText(String source) {
    this.source = source;
    StringBuilder kept = new StringBuilder();
    int[] at = new int[source.length() + 1];
    boolean gap = false;
    for (int i = 0; i < source.length(); i++) {
      int comment = commentLength(source, i);
      if (comment > 0) {
        i += comment - 1;
        gap = true;
        continue;
      }
      char c = source.charAt(i);
      if (Character.isWhitespace(c) || continuesLine(source, i)) {
        gap = true;
        continue;
      }
      if (gap && kept.length() > 0 && isWord(c) && isWord(kept.charAt(kept.length() - 1))) {
        at[kept.length()] = i - 1;
        kept.append(' ');
      }
      at[kept.length()] = i;
      kept.append(c);
      gap = false;
    }
    bare = kept.toString();
    places = at;
  }

  /**
   * The source with one occurrence of a text replaced.
   *
   * @param occurrence which one, from 1
   * @param of how many there must be: a text that has come or gone is an error
   * @throws IllegalArgumentException if there are more or fewer
   */
  String replace(String text, int occurrence, int of, String replacement) {
    String wanted = new SourceText(text).bare;
    if (wanted.isEmpty()) {
      throw new IllegalArgumentException("the text to find is empty");
    }
    List<Integer> found = new ArrayList<>();
    for (int i = bare.indexOf(wanted); i >= 0; i = bare.indexOf(wanted, i + 1)) {
      if (standsAlone(i, i + wanted.length())) {
        found.add(i);
      }
    }
    if (found.size() != of || occurrence < 1 || occurrence > of) {
      throw new IllegalArgumentException(
          String.format(
              "\"%s\" is there %d times, not %d: adapt the mutant to the kernel",
              text, found.size(), of));
    }
    int begin = found.get(occurrence - 1);
    int end = begin + wanted.length() - 1;
    return source.substring(0, places[begin])
        + replacement
        + source.substring(places[end] + 1);
  }

  /** Whether no word goes on at the edges: {@code end} is not found in {@code vector_end}. */
  private boolean standsAlone(int begin, int end) {
    boolean before =
        begin > 0 && isWord(bare.charAt(begin)) && isWord(bare.charAt(begin - 1));
    boolean after =
        end < bare.length() && isWord(bare.charAt(end - 1)) && isWord(bare.charAt(end));
    return !before && !after;
  }

  private static int commentLength(String s, int i) {
    if (s.startsWith("//", i)) {
      int end = s.indexOf('\n', i);
      return (end < 0 ? s.length() : end) - i;
    }
    if (s.startsWith("/*", i)) {
      int end = s.indexOf("*/", i + 2);
      return (end < 0 ? s.length() : end + 2) - i;
    }
    return 0;
  }

  private static boolean continuesLine(String s, int i) {
    return s.charAt(i) == '\\' && (i + 1 == s.length() || s.charAt(i + 1) == '\n');
  }

  private static boolean isWord(char c) {
    return Character.isLetterOrDigit(c) || c == '_';
  }
}
