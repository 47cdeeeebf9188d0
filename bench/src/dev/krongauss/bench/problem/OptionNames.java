package dev.krongauss.bench.problem;

import java.util.Locale;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Ways out that a table's reader names as calls of {@link dev.krongauss.table.TableReader}, as the
 * options that do the same.
 */
final class OptionNames {
  private static final Map<String, String> OPTIONS =
      Map.ofEntries(
          Map.entry("target", "--target"),
          Map.entry("keep", "--keep"),
          Map.entry("drop", "--drop"),
          Map.entry("category", "--category"),
          Map.entry("task", "--task"),
          Map.entry("positive", "--positive"),
          Map.entry("header", "--header"),
          Map.entry("noHeader", "--no-header"),
          Map.entry("delimiter", "--delimiter"),
          Map.entry("inOrder", "--in-order"),
          Map.entry("heldOut", "--holdout"),
          Map.entry("heldOutBy", "--holdout-by"),
          Map.entry("classWeights", "--class-weights"),
          Map.entry("transposed", "--transposed"),
          Map.entry("seed", "seed"));

  private static final Pattern CALL =
      Pattern.compile(
          "\\b(" + String.join("|", OPTIONS.keySet()) + ")\\((\"[^\"]*\"|'[^']*'|[^()\"']*)\\)");

  private OptionNames() {}

  /** A message with its calls as options. */
  static String in(String message) {
    return CALL.matcher(message).replaceAll(call -> Matcher.quoteReplacement(option(call)));
  }

  private static String option(MatchResult call) {
    String name = OPTIONS.get(call.group(1));
    String value = call.group(2).replaceAll("^[\"']|[\"']$", "");
    if (value.isEmpty() || value.equals("...")) {
      return name;
    }
    boolean constant = call.group(1).equals("task");
    String word = constant ? value.toLowerCase(Locale.ROOT) : value;
    return name + " " + (word.contains(" ") ? "'" + word + "'" : word);
  }
}
