package dev.krongauss.bench;

import java.util.List;
import java.util.Locale;

/** The table at the end of a run. */
final class SummaryTable {
  /** Column headings. */
  static final List<String> HEADINGS =
      List.of("optimizer", "updates", "seconds", "ms/update", "objective", "best");

  private static final double MANY = 1e6;

  private SummaryTable() {}

  /** The cells of one optimiser's row. */
  static List<String> cells(Curve curve) {
    return List.of(
        curve.kind().toString(),
        String.format(Locale.ROOT, "%,d", curve.updates()),
        format("%.1f", curve.seconds()),
        format("%.1f", curve.millisecondsPerUpdate()),
        format("%.3f", curve.finalObjective()),
        format("%.3f", curve.bestObjective()));
  }

  /** As text, with what its columns mean and what went wrong below. */
  static String text(List<Curve> curves) {
    StringBuilder text = new StringBuilder();
    appendRow(text, HEADINGS);
    for (Curve curve : curves) {
      appendRow(text, cells(curve));
    }
    text.append(explanation()).append('\n');
    for (Curve curve : curves) {
      if (curve.failure() != null) {
        text.append("%s stopped %s%n".formatted(curve.kind(), curve.failure()));
      }
    }
    return text.toString();
  }

  /** What the columns mean. */
  static String explanation() {
    return "objective: mean training loss of the last %d batches; best: its lowest value"
        .formatted(Curve.WINDOW);
  }

  private static void appendRow(StringBuilder text, List<String> cells) {
    text.append("%-10s".formatted(cells.get(0)));
    for (String cell : cells.subList(1, cells.size())) {
      text.append("%12s".formatted(cell));
    }
    text.append('\n');
  }

  /** With fixed decimals, unless a diverged objective would need more room than a column has. */
  static String format(String format, double value) {
    if (Double.isNaN(value)) {
      return "-";
    }
    return String.format(Locale.ROOT, Math.abs(value) < MANY ? format : "%.2e", value);
  }
}
