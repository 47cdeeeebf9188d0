package dev.krongauss.bench.kit;

import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.NamedCsvRecord;
import dev.krongauss.bench.peers.PeerRow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What trainings came to: a row each in a report, and its table. */
final class TrainingRows {
  private static final int CURVE_POINTS = 400;

  private TrainingRows() {}

  /** Adds a row with what was measured, also of a process that was stopped; true if none failed. */
  static boolean row(
      Report report, String data, String name, List<PeerRow> points, String failure) {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("data", data);
    row.put("optimizer", name);
    if (!points.isEmpty()) {
      curve(row, points);
    }
    if (failure != null || points.isEmpty()) {
      row.put("failure", failure == null ? "no update was made" : failure);
    }
    report.rows().add(row);
    return !row.containsKey("failure");
  }

  /** The updates that a {@code metrics.csv} tells of; none where it is not there. */
  static List<PeerRow> read(Path csv) throws IOException {
    if (!Files.isRegularFile(csv)) {
      return List.of();
    }
    try (CsvReader<NamedCsvRecord> reader = CsvReader.builder().ofNamedCsvRecord(csv)) {
      return reader.stream().map(PeerRow::of).toList();
    }
  }

  private static void curve(Map<String, Object> row, List<PeerRow> all) {
    PeerRow last = all.get(all.size() - 1);
    row.put("updates", all.size());
    row.put("seconds", last.seconds());
    row.put("millisecondsPerUpdate", 1e3 * last.seconds() / all.size());
    row.put("objective", finite(last.slidingMean()));
    List<List<Object>> points = new ArrayList<>();
    double step = Math.max(1, all.size() / (double) CURVE_POINTS);
    for (double at = 0; at < all.size(); at += step) {
      PeerRow each = all.get((int) at);
      points.add(List.of(each.update(), each.seconds(), finite(each.slidingMean())));
    }
    row.put("curve", Map.of("columns", "update, seconds, sliding_mean", "points", points));
  }

  /** JSON has no NaN. */
  private static Object finite(double value) {
    return Double.isFinite(value) ? value : Double.toString(value);
  }

  static String table(Report report) {
    StringBuilder text = new StringBuilder();
    text.append(
        "%-8s %-18s %10s %10s %12s %12s%n"
            .formatted("data", "optimizer", "updates", "seconds", "ms/update", "objective"));
    for (Map<String, Object> row : report.rows()) {
      text.append(
          String.format(
              Locale.ROOT,
              "%-8s %-18s %10s %10s %12s %12s%n",
              row.get("data"),
              row.get("optimizer"),
              row.getOrDefault("updates", "-"),
              format(row, "seconds", "%.1f"),
              format(row, "millisecondsPerUpdate", "%.3f"),
              format(row, "objective", "%.3f")));
    }
    text.append("objective: mean training loss of the last ten batches\n");
    for (Map<String, Object> row : report.rows()) {
      if (row.containsKey("failure")) {
        text.append(
            "\n%s %s: %s%n".formatted(row.get("data"), row.get("optimizer"), row.get("failure")));
      }
    }
    return text.toString();
  }

  private static String format(Map<String, Object> row, String key, String format) {
    return row.get(key) instanceof Number n
        ? String.format(Locale.ROOT, format, n.doubleValue())
        : String.valueOf(row.getOrDefault(key, "-"));
  }
}
