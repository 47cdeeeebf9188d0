package dev.krongauss.bench.kit;

import dev.krongauss.bench.kernels.KernelBench;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Collects the rows of the benchmark. */
final class Timings implements WorkerRun.Observer {
  private final Report report;
  private final List<String> failures = new ArrayList<>();
  private boolean software;

  Timings(Report report) {
    this.report = report;
    report.put("failures", failures);
  }

  @Override
  public void facts(Map<String, Object> facts) {
    report.put("device", facts);
    software = facts.get("software").equals(true);
  }

  @Override
  @SuppressWarnings("unchecked")
  public void done(Map<String, Object> result) throws IOException {
    if (result.get("results") instanceof List<?> rows) {
      rows.forEach(row -> report.rows().add((Map<String, Object>) row));
    } else {
      failures.add(result.get("name") + ": " + result.get("failure"));
    }
    report.write(table());
  }

  @Override
  public void crashed(String group, String name, String reason) throws IOException {
    failures.add(name + ": CRASHED: " + reason);
    report.write(table());
  }

  boolean good() {
    return failures.isEmpty();
  }

  String table() {
    StringBuilder text = new StringBuilder(KernelBench.heading(software)).append('\n');
    report.rows().forEach(row -> text.append(KernelBench.line(row)).append('\n'));
    text.append(KernelBench.explanation()).append('\n');
    failures.forEach(f -> text.append('\n').append(f).append('\n'));
    return text.toString();
  }
}
