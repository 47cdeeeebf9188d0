package dev.krongauss.bench.report;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Markdown whose prose ends its lines at one width; tables, code and headings stay as they are. */
final class Wrapped {
  /** Characters of a line of prose. */
  static final int WIDTH = 100;

  private static final Pattern FIXED = Pattern.compile("\\||#|```|    |<|>|!\\[|$");
  private static final Pattern ITEM = Pattern.compile(" {0,3}([*-]|\\d+\\.) +");

  /** What would make a list, a heading, a table or code of a line that it begins. */
  private static final Pattern NO_BEGINNING =
      Pattern.compile("[|<#>].*|!\\[.*|```.*|[-+*=]+|\\d+[.)]");

  private static final Pattern CONTINUED = Pattern.compile(" {2,3}(?! )");

  private final List<String> lines = new ArrayList<>();
  private final List<String> words = new ArrayList<>();
  private String lead = "";
  private String indent = "";
  private boolean code;

  private Wrapped() {}

  /** Wraps a text. */
  static String of(String text) {
    Wrapped wrapped = new Wrapped();
    text.lines().forEach(wrapped::line);
    wrapped.flush();
    return String.join("\n", wrapped.lines) + "\n";
  }

  private void line(String line) {
    Matcher item = ITEM.matcher(line);
    boolean fence = line.startsWith("```");
    if (code || fence || FIXED.matcher(line).lookingAt()) {
      flush();
      lines.add(line);
      code ^= fence;
    } else if (item.lookingAt()) {
      flush();
      indent = " ".repeat(item.end());
      lead = item.group();
      add(line.substring(item.end()));
    } else {
      if (!CONTINUED.matcher(line).lookingAt() && !indent.isEmpty()) {
        flush();
      }
      add(line);
    }
  }

  /** A word that must not begin a line stays with the one before it. */
  private void add(String line) {
    for (String word : line.strip().split(" +")) {
      if (NO_BEGINNING.matcher(word).matches() && !words.isEmpty()) {
        words.add(words.remove(words.size() - 1) + " " + word);
      } else {
        words.add(word);
      }
    }
  }

  /** Writes the paragraph that is being gathered. */
  private void flush() {
    StringBuilder line = new StringBuilder(lead);
    boolean first = true;
    for (String word : words) {
      if (!first && length(line) + 1 + length(word) > WIDTH) {
        lines.add(line.toString());
        line.setLength(0);
        line.append(indent).append(word);
      } else {
        line.append(first ? "" : " ").append(word);
      }
      first = false;
    }
    if (!first) {
      lines.add(line.toString());
    }
    words.clear();
    lead = "";
    indent = "";
  }

  private static int length(CharSequence text) {
    return Character.codePointCount(text, 0, text.length());
  }
}
