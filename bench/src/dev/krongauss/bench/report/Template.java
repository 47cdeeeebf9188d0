package dev.krongauss.bench.report;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A text with placeholders: {@code {{FIGURE .1}}} is a figure with one digit behind the point
 * ({@code .0} none; a text needs none), {@code {{table KIND …}}} a table on lines of its own. Words
 * with spaces stand in single quotes.
 */
final class Template {
  private static final Pattern PLACEHOLDER = Pattern.compile("\\{\\{(.*?)}}", Pattern.DOTALL);
  private static final Pattern WORD = Pattern.compile("'([^']*)'|(\\S+)");

  private final Figures figures;
  private final Tables tables;

  Template(ResultFolders folders) {
    figures = new Figures(folders);
    tables = new Tables(folders);
  }

  /**
   * Fills a text in.
   *
   * @param name of the text, for messages
   * @throws ReportException with all placeholders that cannot be filled, and why
   */
  String fill(String name, String text) {
    List<String> problems = new ArrayList<>();
    StringBuilder filled = new StringBuilder();
    Matcher matcher = PLACEHOLDER.matcher(text);
    while (matcher.find()) {
      String replacement = "";
      try {
        replacement = replacement(matcher.group(1));
      } catch (ReportException e) {
        long line = 1 + text.substring(0, matcher.start()).chars().filter(c -> c == '\n').count();
        problems.add("%s:%d: %s: %s".formatted(name, line, matcher.group(), e.getMessage()));
      }
      matcher.appendReplacement(filled, Matcher.quoteReplacement(replacement));
    }
    matcher.appendTail(filled);
    if (!problems.isEmpty()) {
      throw new ReportException("%s", String.join("\n", problems));
    }
    return filled.toString();
  }

  private String replacement(String placeholder) {
    Deque<String> words = words(placeholder);
    if ("table".equals(words.peekFirst())) {
      words.removeFirst();
      return tables.of(words);
    }
    Object figure = figures.take(words);
    String format = words.isEmpty() ? "" : words.removeFirst();
    if (!words.isEmpty()) {
      throw new ReportException("'%s' is too much", String.join(" ", words));
    }
    return shown(figure, format);
  }

  private static Deque<String> words(String placeholder) {
    Deque<String> words = new ArrayDeque<>();
    Matcher word = WORD.matcher(placeholder);
    while (word.find()) {
      words.add(word.group(1) == null ? word.group(2) : word.group(1));
    }
    return words;
  }

  private static String shown(Object figure, String format) {
    if (format.isEmpty() && figure instanceof Number number) {
      if (number.doubleValue() != Math.rint(number.doubleValue())) {
        throw new ReportException("%s is not whole; add its digits, for example .1", figure);
      }
      return Tables.digits(number.doubleValue(), 0);
    }
    if (format.isEmpty()) {
      return String.valueOf(figure);
    }
    if (!format.matches("\\.\\d")) {
      throw new ReportException("'%s' is no number of digits, as .1 is", format);
    }
    return Tables.digits(Figures.number(figure), format.charAt(1) - '0');
  }
}
