package dev.krongauss.kernel;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One table of {@code kernels/BUDGET.md}. A row is known by its first cells.
 *
 * @param title the heading above it
 * @param columns the names of all columns
 * @param keys how many of them name a row
 * @param tolerance how far a number may be from the budget, as a part of it, and half of that in
 *     absolute terms: 0 where all machines give the same
 */
record BudgetTable(
    String title,
    List<String> columns,
    int keys,
    double tolerance,
    Map<String, List<String>> rows) {

  /** A table without rows. */
  BudgetTable(String title, List<String> columns, int keys, double tolerance) {
    this(title, columns, keys, tolerance, new LinkedHashMap<>());
  }

  void add(List<String> cells) {
    rows.put(String.join(" ", cells.subList(0, keys)), List.copyOf(cells));
  }

  String markdown() {
    StringBuilder text = new StringBuilder("## " + title + "\n\n");
    text.append(line(columns));
    text.append("|").append("---|".repeat(columns.size())).append("\n");
    rows.values().forEach(cells -> text.append(line(cells)));
    return text.toString();
  }

  private static String line(List<String> cells) {
    return "| " + String.join(" | ", cells) + " |\n";
  }

  /** The table of this title and shape that a page holds; without rows if it holds none. */
  BudgetTable in(String page) {
    BudgetTable found = new BudgetTable(title, columns, keys, tolerance);
    int heading = page.indexOf("## " + title + "\n");
    if (heading < 0) {
      return found;
    }
    int end = page.indexOf("\n## ", heading);
    String section = end < 0 ? page.substring(heading) : page.substring(heading, end);
    section
        .lines()
        .filter(line -> line.startsWith("| ") && line.endsWith(" |"))
        .map(line -> Arrays.asList(line.substring(2, line.length() - 2).split(" \\| ", -1)))
        .filter(cells -> cells.size() == columns.size() && !cells.equals(columns))
        .forEach(found::add);
    return found;
  }

  /**
   * What is otherwise in a table measured now, a line for each row; nothing if the budget holds.
   */
  List<String> differences(BudgetTable measured) {
    List<String> lines = new ArrayList<>();
    rows.forEach(
        (key, budget) -> {
          List<String> now = measured.rows.get(key);
          if (now == null) {
            lines.add(key + ": is gone");
          } else {
            String changes = changes(budget, now);
            if (!changes.isEmpty()) {
              lines.add(key + ": " + changes);
            }
          }
        });
    measured.rows.forEach(
        (key, now) -> {
          if (!rows.containsKey(key)) {
            lines.add(key + ": is new, " + String.join(" | ", now.subList(keys, now.size())));
          }
        });
    return lines;
  }

  private String changes(List<String> budget, List<String> now) {
    List<String> changed = new ArrayList<>();
    for (int i = keys; i < columns.size(); i++) {
      if (!near(budget.get(i), now.get(i))) {
        changed.add(columns.get(i) + " " + budget.get(i) + " -> " + now.get(i));
      }
    }
    return String.join(", ", changed);
  }

  private boolean near(String budget, String now) {
    if (budget.equals(now)) {
      return true;
    }
    try {
      double wanted = Double.parseDouble(budget);
      double allowed = tolerance * Math.max(Math.abs(wanted), 0.5);
      return Math.abs(Double.parseDouble(now) - wanted) < allowed;
    } catch (NumberFormatException e) {
      return false; // words have to be equal
    }
  }
}
