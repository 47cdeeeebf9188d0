package dev.krongauss.bench.model;

import java.util.List;
import java.util.Locale;

/** The model as tables in Markdown. */
final class ModelTable {
  static final String LABEL =
      "A model, from SoftCUDA's counts, peak rates and assumed latencies; nothing is measured.";

  private ModelTable() {}

  /** A line a GPU and method: the sums. */
  static String totals(List<String> names, List<Totals> totals) {
    StringBuilder text = new StringBuilder();
    text.append(
        row(
            List.of(
                "GPU, method",
                "nodes",
                "plain ms",
                "of it gaps",
                "refresh ms",
                "on the path",
                "reduction ms",
                "mean ms",
                "limits")));
    text.append("|---|---|---|---|---|---|---|---|---|\n");
    for (int k = 0; k < names.size(); k++) {
      Totals t = totals.get(k);
      text.append(
          row(
              List.of(
                  names.get(k),
                  Integer.toString(t.nodes()),
                  format("%.4f", t.plain()),
                  format("%.4f", t.gaps()),
                  format("%.4f", t.refresh()),
                  format("%.4f", t.onPath()),
                  format("%.4f", t.reduction()),
                  format("%.4f", t.mean()),
                  t.limits())));
    }
    return text.toString();
  }

  /** A line a node. */
  static String nodes(List<Node> nodes) {
    StringBuilder text = new StringBuilder();
    text.append(
        row(
            List.of(
                "node",
                "phase",
                "kernel",
                "blocks",
                "resident",
                "waves",
                "GFLOP",
                "tensor",
                "FP64",
                "shared MB",
                "L2 MB",
                "DRAM MB",
                "chain us",
                "us",
                "limit")));
    text.append("|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|\n");
    for (int k = 0; k < nodes.size(); k++) {
      Node n = nodes.get(k);
      text.append(
          row(
              List.of(
                  Integer.toString(k + 1),
                  n.phase().toString(),
                  "`" + n.kernel() + "`",
                  n.blocks() + " x " + n.threads(),
                  Integer.toString(n.resident()),
                  Long.toString(n.waves()),
                  format("%.3f", n.counted().get("flops_f32") / 1e9),
                  format("%.3f", n.matrix() / 1e9),
                  format("%.3f", n.counted().get("flops_f64") / 1e9),
                  format("%.2f", n.sharedBytes() / 1e6),
                  format("%.2f", n.movedBytes() / 1e6),
                  format("%.2f", n.leastBytes() / 1e6),
                  format("%.1f", n.chain()),
                  format("%.1f", n.work()),
                  n.limit())));
    }
    return text.toString();
  }

  private static String row(List<String> cells) {
    return "| " + String.join(" | ", cells) + " |\n";
  }

  private static String format(String pattern, double value) {
    return String.format(Locale.ROOT, pattern, value);
  }
}
