package dev.krongauss.bench.kit;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collector;
import java.util.stream.Collectors;

/** Counts what became of tests, a row for each kernel case or test class. */
final class Groups {
  private static final int MAX_FAILURES = 10;

  private final List<Map<String, Object>> rows;
  private final Map<String, Map<String, Object>> byName = new LinkedHashMap<>();

  /**
   * @param rows gets a row for every new name
   */
  Groups(List<Map<String, Object>> rows) {
    this.rows = rows;
  }

  /** One item of a worker that was done; a failure stands in its own field or in its results. */
  void add(String name, Map<String, Object> done, String finding) {
    Map<String, Object> row = row(name);
    add(row, "seconds", ((Number) done.get("seconds")).doubleValue());
    if (done.get("results") instanceof List<?> results) {
      for (Object each : results) {
        Map<?, ?> result = (Map<?, ?>) each;
        for (String key : List.of("tests", "failed", "skipped")) {
          add(row, key, ((Number) result.get(key)).doubleValue());
        }
        if (result.get("failures") instanceof List<?> failures) {
          failures.forEach(f -> failure(row, f.toString()));
        }
      }
    } else {
      add(row, "tests", 1);
      add(row, "failed", 1);
      failure(row, done.get("name") + ": " + done.get("failure"));
    }
    if (!finding.isEmpty()) {
      add(row, "findings", 1);
      failure(row, done.get("name") + ": " + finding);
    }
  }

  /** An item that took its worker down. */
  void crash(String name, String item, String reason) {
    Map<String, Object> row = row(name);
    add(row, "tests", 1);
    add(row, "failed", 1);
    failure(row, item + ": CRASHED: " + reason);
  }

  /** Failures and findings of all rows. */
  long bad() {
    return Math.round(total(rows, "failed") + total(rows, "findings"));
  }

  String table() {
    return table(rows.stream().collect(byName(row -> row.get("name").toString())));
  }

  /** A line for all cases of a kernel's file. */
  String folded() {
    return table(rows.stream().collect(byName(Groups::family)));
  }

  private static Collector<Map<String, Object>, ?, Map<String, List<Map<String, Object>>>> byName(
      Function<Map<String, Object>, String> name) {
    return Collectors.groupingBy(name, LinkedHashMap::new, Collectors.toList());
  }

  private static String family(Map<String, Object> row) {
    return row.get("name").toString().replaceFirst("/.*", "/");
  }

  private String table(Map<String, List<Map<String, Object>>> lines) {
    StringBuilder text = new StringBuilder();
    text.append("%-52s %7s %7s %7s %9s%n".formatted("", "tests", "failed", "skipped", "seconds"));
    lines.forEach((name, of) -> text.append(line(name, of)));
    text.append(line("all", rows));
    for (Map<String, Object> row : rows) {
      for (Object failure : (List<?>) row.get("failures")) {
        text.append('\n').append(row.get("name")).append(": ").append(failure).append('\n');
      }
    }
    return text.toString();
  }

  private static String line(String name, List<Map<String, Object>> rows) {
    return String.format(
        Locale.ROOT,
        "%-52s %7.0f %7.0f %7.0f %9.2f%n",
        name,
        total(rows, "tests"),
        total(rows, "failed") + total(rows, "findings"),
        total(rows, "skipped"),
        total(rows, "seconds"));
  }

  private static double total(List<Map<String, Object>> rows, String key) {
    return rows.stream().mapToDouble(row -> number(row, key)).sum();
  }

  private Map<String, Object> row(String name) {
    return byName.computeIfAbsent(
        name,
        n -> {
          Map<String, Object> row = new LinkedHashMap<>();
          row.put("name", n);
          List.of("tests", "failed", "skipped", "findings", "seconds").forEach(k -> row.put(k, 0));
          row.put("failures", new ArrayList<String>());
          rows.add(row);
          return row;
        });
  }

  private static void add(Map<String, Object> row, String key, double value) {
    double sum = number(row, key) + value;
    row.put(key, key.equals("seconds") ? Math.round(1e3 * sum) / 1e3 : (Object) Math.round(sum));
  }

  private static double number(Map<String, Object> row, String key) {
    return ((Number) row.get(key)).doubleValue();
  }

  @SuppressWarnings("unchecked")
  private static void failure(Map<String, Object> row, String text) {
    List<String> failures = (List<String>) row.get("failures");
    if (failures.size() < MAX_FAILURES) {
      failures.add(text);
    }
  }
}
