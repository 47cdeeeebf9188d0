package dev.krongauss.bench.run;

import dev.krongauss.bench.page.Curve;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** The table at the end of a run: a row an optimiser, means where it ran from several seeds. */
public final class SummaryTable {
  private static final List<String> HEADINGS =
      List.of("optimizer", "updates", "seconds", "ms/update", "objective", "best");
  private static final List<String> EVALUATED = List.of("evaluated", "averaged");
  private static final String RANGE = "objectives";
  private static final int LEAST_LABEL = 10;
  private static final double MANY = 1e6;

  private SummaryTable() {}

  /** Column headings of these curves. */
  public static List<String> headings(List<Curve> curves) {
    List<String> headings = new ArrayList<>(HEADINGS);
    if (evaluated(curves)) {
      headings.addAll(EVALUATED);
    }
    if (severalSeeds(curves)) {
      headings.add(RANGE);
    }
    return headings;
  }

  /** The rows' cells. */
  public static List<List<String>> rows(List<Curve> curves) {
    boolean range = severalSeeds(curves);
    boolean evaluated = evaluated(curves);
    List<List<String>> rows = new ArrayList<>();
    Results.byLabel(curves).values().forEach(group -> rows.add(cells(group, evaluated, range)));
    return rows;
  }

  private static List<String> cells(List<Curve> seeds, boolean evaluated, boolean range) {
    List<String> cells = new ArrayList<>();
    cells.add(seeds.get(0).label());
    cells.add(String.format(Locale.ROOT, "%,d", Math.round(mean(seeds, Curve::updates))));
    cells.add(format("%.1f", mean(seeds, Curve::seconds)));
    cells.add(format("%.1f", mean(seeds, Curve::millisecondsPerUpdate)));
    cells.add(format("%.3f", mean(seeds, Curve::finalObjective)));
    cells.add(format("%.3f", mean(seeds, Curve::bestObjective)));
    if (evaluated) {
      cells.add(format("%.3f", mean(seeds, Curve::evaluated)));
      cells.add(format("%.3f", mean(seeds, Curve::averaged)));
    }
    if (range) {
      double[] all = seeds.stream().mapToDouble(Curve::finalObjective).sorted().toArray();
      cells.add(format("%.3f", all[0]) + ".." + format("%.3f", all[all.length - 1]));
    }
    return cells;
  }

  /** As text, with what its columns mean and what went wrong below. */
  public static String text(List<Curve> curves) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(headings(curves));
    rows.addAll(rows(curves));
    int label = rows.stream().mapToInt(row -> row.get(0).length()).max().orElse(0);
    StringBuilder text = new StringBuilder();
    for (List<String> row : rows) {
      text.append(("%-" + Math.max(LEAST_LABEL, label) + "s").formatted(row.get(0)));
      for (int c = 1; c < row.size(); c++) {
        text.append((rows.get(0).get(c).equals(RANGE) ? "  %20s" : "%12s").formatted(row.get(c)));
      }
      text.append('\n');
    }
    text.append(explanation(curves)).append('\n');
    failures(curves).forEach(failure -> text.append(failure).append('\n'));
    return text.toString();
  }

  /** A sentence for every run that could not go on. */
  public static List<String> failures(List<Curve> curves) {
    return curves.stream()
        .filter(curve -> curve.failure() != null)
        .map(c -> "%s (seed %d) stopped %s".formatted(c.label(), c.seed(), c.failure()))
        .toList();
  }

  /** What the columns mean. */
  public static String explanation(List<Curve> curves) {
    return "objective: mean training loss of the last %d batches; best: its lowest value%s"
        .formatted(
            Curve.WINDOW,
            evaluated(curves)
                ? "; evaluated: mean loss of the last weights on fixed rows, averaged: that of their"
                    + " average, off the clock"
                : "");
  }

  /** With fixed decimals, unless a diverged objective would need more room than a column has. */
  public static String format(String format, double value) {
    if (Double.isNaN(value)) {
      return "-";
    }
    return String.format(Locale.ROOT, Math.abs(value) < MANY ? format : "%.2e", value);
  }

  private static boolean evaluated(List<Curve> curves) {
    return curves.stream().anyMatch(curve -> !Double.isNaN(curve.evaluated()));
  }

  private static boolean severalSeeds(List<Curve> curves) {
    return curves.stream().map(Curve::seed).distinct().count() > 1;
  }

  private static double mean(List<Curve> curves, ToDoubleFunction<Curve> value) {
    return curves.stream().mapToDouble(value).average().orElse(Double.NaN);
  }
}
