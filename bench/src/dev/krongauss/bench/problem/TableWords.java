package dev.krongauss.bench.problem;

import dev.krongauss.net.Activation;
import dev.krongauss.table.Task;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Values of {@link TableOptions} that are words. */
final class TableWords {
  /** In {@code --task} beside the names of {@link dev.krongauss.table.Task}. */
  static final String AUTO = "auto";

  /** No hidden layer. */
  static final String NONE = "none";

  private static final int MOST_UNITS = 100_000;
  private static final int MOST_LAYERS = 100;
  private static final Map<String, Character> DELIMITERS =
      Map.of("comma", ',', "semicolon", ';', "tab", '\t', "\\t", '\t', "space", ' ', "pipe", '|');

  private TableWords() {}

  /**
   * Widths of hidden layers.
   *
   * @throws IllegalArgumentException if one is no number of units
   */
  static List<Integer> hidden(String text) {
    if (text.equalsIgnoreCase(NONE)) {
      return List.of();
    }
    List<Integer> widths = new ArrayList<>();
    for (String word : text.split(",", -1)) {
      widths.add(units(text, word.trim()));
    }
    if (widths.size() > MOST_LAYERS) {
      throw new IllegalArgumentException(
          "--hidden names %,d layers; give at most %,d".formatted(widths.size(), MOST_LAYERS));
    }
    return List.copyOf(widths);
  }

  private static int units(String text, String word) {
    try {
      int units = Integer.parseInt(word);
      if (units >= 1 && units <= MOST_UNITS) {
        return units;
      }
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(notUnits(text, word), e);
    }
    throw new IllegalArgumentException(notUnits(text, word));
  }

  private static String notUnits(String text, String word) {
    return String.format(
        Locale.ROOT,
        "--hidden %s: '%s' is no number of units; give widths from 1 to %,d, as --hidden 100,50, or"
            + " none",
        text,
        word,
        MOST_UNITS);
  }

  /** Names of columns; one with a comma, which divides them, is given in double quotes. */
  static String[] names(List<String> words) {
    return words.stream().map(TableWords::name).toArray(String[]::new);
  }

  private static String name(String word) {
    boolean quoted = word.length() > 2 && word.startsWith("\"") && word.endsWith("\"");
    return quoted && word.contains(",") ? word.substring(1, word.length() - 1) : word;
  }

  /** A name as {@link #names} takes it. */
  static String word(String name) {
    return name.contains(",") ? '"' + name + '"' : name;
  }

  /**
   * What a target is.
   *
   * @throws IllegalArgumentException if no task has that name
   */
  static Task task(String text) {
    try {
      return Task.of(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("--task: " + e.getMessage() + ", or leave it out", e);
    }
  }

  /**
   * A transfer function.
   *
   * @throws IllegalArgumentException if none has that name, or its slope is no finite number
   */
  static Activation activation(String text) {
    try {
      return Activation.named(text.trim().toLowerCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("--activation: " + e.getMessage(), e);
    }
  }

  /**
   * What separates fields.
   *
   * @throws IllegalArgumentException if it is more than a character and no name of one
   */
  static char delimiter(String text) {
    Character named = DELIMITERS.get(text.toLowerCase(Locale.ROOT));
    if (named != null) {
      return named;
    }
    if (text.length() == 1) {
      return text.charAt(0);
    }
    throw new IllegalArgumentException(
        "--delimiter '%s' is more than one character; give one, or comma, semicolon, tab"
            .formatted(text));
  }
}
