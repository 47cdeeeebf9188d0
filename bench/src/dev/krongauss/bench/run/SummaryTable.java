package dev.krongauss.bench.run;

import dev.krongauss.bench.page.Curve;
import dev.krongauss.bench.page.HeldOut;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** The table at the end of a run: a row an optimiser, means where it ran from several seeds. */
public final class SummaryTable {
  private static final List<String> HEADINGS =
      List.of("optimizer", "updates", "seconds", "ms/update", "objective", "best");
  private static final List<String> EVALUATED = List.of("evaluated", "averaged");
  private static final List<Measure> HELD_OUT =
      List.of(
          new Measure("held-out", HeldOut::objective, "%.4f"),
          new Measure("after s", HeldOut::seconds, "%.1f"),
          new Measure("RMSE", HeldOut::rmse, "%.5g"),
          new Measure("R2", HeldOut::r2, "%.4f"),
          new Measure("accuracy", HeldOut::accuracy, "%.4f"),
          new Measure("AUC", HeldOut::auc, "%.4f"));
  private static final String RANGE = "objectives";
  private static final int LEAST_LABEL = 10;
  private static final double MANY = 1e6;

  private SummaryTable() {}

  /** A column of the best evaluation on held-out rows. */
  private record Measure(String heading, ToDoubleFunction<HeldOut> value, String format) {
    boolean in(List<Curve> curves) {
      return curves.stream().anyMatch(curve -> !Double.isNaN(of(curve)));
    }

    double of(Curve curve) {
      return curve.bestHeldOut().map(value::applyAsDouble).orElse(Double.NaN);
    }
  }

  private static List<Measure> heldOut(List<Curve> curves) {
    return HELD_OUT.stream().filter(each -> each.in(curves)).toList();
  }

  /** Column headings of these curves. */
  public static List<String> headings(List<Curve> curves) {
    List<String> headings = new ArrayList<>(HEADINGS);
    if (evaluated(curves)) {
      headings.addAll(EVALUATED);
    }
    heldOut(curves).forEach(each -> headings.add(each.heading()));
    if (severalSeeds(curves)) {
      headings.add(RANGE);
    }
    return headings;
  }

  /** The rows' cells. */
  public static List<List<String>> rows(List<Curve> curves) {
    boolean range = severalSeeds(curves);
    boolean evaluated = evaluated(curves);
    List<Measure> heldOut = heldOut(curves);
    List<List<String>> rows = new ArrayList<>();
    Results.byLabel(curves)
        .values()
        .forEach(group -> rows.add(cells(group, evaluated, heldOut, range)));
    return rows;
  }

  private static List<String> cells(
      List<Curve> seeds, boolean evaluated, List<Measure> heldOut, boolean range) {
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
    heldOut.forEach(each -> cells.add(format(each.format(), mean(seeds, each::of))));
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
    String text =
        "objective: mean training loss of the last %d batches; best: its lowest value"
            .formatted(Curve.WINDOW);
    if (evaluated(curves)) {
      text +=
          "; evaluated: mean loss of the last weights on fixed rows, averaged: that of their average,"
              + " off the clock";
    }
    if (!heldOut(curves).isEmpty()) {
      text +=
          "; held-out: the lowest mean loss on rows not trained on, when it was there, and what those"
              + " weights score";
    }
    return text;
  }

  /** With fixed decimals, unless a diverged objective would need more room than a column has. */
  public static String format(String format, double value) {
    if (Double.isNaN(value)) {
      return "-";
    }
    return String.format(Locale.ROOT, Math.abs(value) < MANY ? format : "%.2e", value);
  }

  /** On rows that were trained on: of less interest where others were held out. */
  private static boolean evaluated(List<Curve> curves) {
    return heldOut(curves).isEmpty()
        && curves.stream().anyMatch(curve -> !Double.isNaN(curve.evaluated()));
  }

  private static boolean severalSeeds(List<Curve> curves) {
    return curves.stream().map(Curve::seed).distinct().count() > 1;
  }

  private static double mean(List<Curve> curves, ToDoubleFunction<Curve> value) {
    return curves.stream().mapToDouble(value).average().orElse(Double.NaN);
  }
}
