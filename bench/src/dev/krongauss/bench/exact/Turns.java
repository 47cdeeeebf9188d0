package dev.krongauss.bench.exact;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * What one contestant did, a turn a start.
 *
 * @param name of it
 * @param updates of each turn
 * @param milliseconds an update, of each turn
 * @param objectives in double, at the end of each turn
 * @param bytes of its arrays, 0 where nobody counts them
 */
record Turns(
    String name, int updates, List<Double> milliseconds, List<Double> objectives, long bytes) {

  /** How often the first one's time these took, of each turn. */
  List<Double> ratios(Turns first) {
    List<Double> ratios = new ArrayList<>();
    for (int k = 0; k < milliseconds.size(); k++) {
      ratios.add(milliseconds.get(k) / first.milliseconds.get(k));
    }
    return ratios;
  }

  /** A row of the table. */
  String row(Turns first) {
    return String.format(
        Locale.ROOT,
        "| `%s` | %d | %s | %s | %s | %s |",
        name,
        updates,
        spread(milliseconds, "%.1f"),
        this == first ? "1" : spread(ratios(first), "%.2f"),
        spread(objectives, "%.6f"),
        bytes == 0 ? "" : String.format(Locale.ROOT, "%.1f", bytes / 1048576.0));
  }

  static String heading() {
    return "| | updates | ms an update | times the first one's | objective at the end | MiB of"
        + " arrays |\n|---|---|---|---|---|---|";
  }

  /** Median, and in brackets least and greatest. */
  static String spread(List<Double> values, String format) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    String[] words =
        Arrays.stream(new double[] {median(values), sorted[0], sorted[sorted.length - 1]})
            .mapToObj(value -> String.format(Locale.ROOT, format, value))
            .toArray(String[]::new);
    return words[0] + " (" + words[1] + " to " + words[2] + ")";
  }

  static double median(List<Double> values) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
  }
}
