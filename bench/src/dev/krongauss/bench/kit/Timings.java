package dev.krongauss.bench.kit;

import dev.krongauss.bench.kernels.KernelBench;
import java.util.List;
import java.util.Map;

/** Collects the rows of the benchmark. */
final class Timings extends Rows {
  private boolean software;

  Timings(Report report) {
    super(report);
  }

  @Override
  public void facts(Map<String, Object> facts) {
    super.facts(facts);
    software = facts.get("software").equals(true);
  }

  @Override
  String table(List<Map<String, Object>> rows) {
    StringBuilder text = new StringBuilder(KernelBench.heading(software)).append('\n');
    rows.forEach(row -> text.append(KernelBench.line(row)).append('\n'));
    return text.append(KernelBench.explanation()).append('\n').toString();
  }
}
