package dev.krongauss.bench.kit;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Collects what workers measure: the report and its table are written after every item. */
abstract class Rows implements WorkerRun.Observer {
  private final Report report;
  private final List<String> failures = new ArrayList<>();

  Rows(Report report) {
    this.report = report;
    report.put("failures", failures);
  }

  @Override
  public void facts(Map<String, Object> facts) {
    report.put("device", facts);
  }

  @Override
  @SuppressWarnings("unchecked")
  public final void done(Map<String, Object> result) throws IOException {
    if (result.get("results") instanceof List<?> rows) {
      rows.forEach(row -> report.rows().add((Map<String, Object>) row));
    } else {
      failures.add(result.get("name") + ": " + result.get("failure"));
    }
    report.write(table());
  }

  @Override
  public final void crashed(String group, String name, String reason) throws IOException {
    failures.add(name + ": CRASHED: " + reason);
    report.write(table());
  }

  final boolean good() {
    return failures.isEmpty();
  }

  /** The rows as text, and below them what failed. */
  final String table() {
    StringBuilder text = new StringBuilder(table(report.rows()));
    failures.forEach(f -> text.append('\n').append(f).append('\n'));
    return text.toString();
  }

  /** The rows as text. */
  abstract String table(List<Map<String, Object>> rows);
}
