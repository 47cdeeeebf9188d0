package dev.krongauss.bench.compare;

import dev.krongauss.bench.problem.Contender;
import dev.krongauss.bench.problem.OptimizerKind;
import dev.krongauss.bench.run.GridResult;
import dev.krongauss.bench.run.GridSetting;
import dev.krongauss.bench.run.SummaryTable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.stream.DoubleStream;

/**
 * The paper's grid for first-order methods: the learning rate, a power of two from 2^-6 to 2^-13,
 * for Muon from 1 to 2^-7, and how often it is halved, every 100, 50, 25, 12.5 or 6.25 % of the
 * updates; and the default beside them. Every setting gets the same number of updates.
 */
final class Grid {
  private static final int RATES = 8;
  private static final double[] HALVE_PERCENT = {100, 50, 25, 12.5, 6.25};

  /** Of {@link #tables}: rows by learning rate, columns by how often it is halved. */
  static final List<String> TABLE_HEADINGS =
      List.of("rate", "never", "100 %", "50 %", "25 %", "12.5 %", "6.25 %");

  private Grid() {}

  /** The settings of one method, the default first. */
  static List<GridSetting> settings(OptimizerKind kind) {
    Set<GridSetting> settings = new LinkedHashSet<>();
    settings.add(new GridSetting(kind, kind.defaultRate(), 0));
    for (int e = 0; e < RATES; e++) {
      double rate = Math.scalb(1.0, kind.greatestExponent() - e);
      for (double percent : HALVE_PERCENT) {
        settings.add(new GridSetting(kind, rate, percent));
      }
    }
    return List.copyOf(settings);
  }

  /** The results of one method, the lowest objective first; what diverged comes last. */
  static List<GridResult> ranked(List<GridResult> results, OptimizerKind kind) {
    List<GridResult> own = new ArrayList<>(results.stream().filter(r -> of(r, kind)).toList());
    own.sort(Comparator.comparingDouble(r -> Double.isNaN(r.objective()) ? 1e300 : r.objective()));
    return own;
  }

  /** Mean objective of the best so many; empty where fewer came to a number. */
  static OptionalDouble meanOfBest(List<GridResult> ranked, int count) {
    List<GridResult> best = ranked.stream().limit(count).toList();
    return best.size() < count || best.stream().anyMatch(r -> !Double.isFinite(r.objective()))
        ? OptionalDouble.empty()
        : best.stream().mapToDouble(GridResult::objective).average();
  }

  /** What the default came to; NaN if it was not tried. */
  static double ofDefault(List<GridResult> ranked) {
    return ranked.stream()
        .filter(r -> r.setting().halvePercent() == 0)
        .mapToDouble(GridResult::objective)
        .findFirst()
        .orElse(Double.NaN);
  }

  /** The grid of each method in a sentence: default, best, means of the best 10 and 20. */
  static List<String> sentences(List<GridResult> results) {
    List<String> sentences = new ArrayList<>();
    for (OptimizerKind kind : OptimizerKind.values()) {
      List<GridResult> ranked = ranked(results, kind);
      if (ranked.isEmpty()) {
        continue;
      }
      GridResult best = ranked.get(0);
      sentences.add(
          String.format(
              Locale.ROOT,
              "%s, %d settings of %,d updates each: default %s, best %s (rate %s, halved every %s"
                  + " %% of the updates), mean of the best ten %s, of the best twenty %s, %d"
                  + " diverged",
              kind,
              ranked.size(),
              best.updates(),
              text(ofDefault(ranked)),
              text(best.objective()),
              Contender.number(best.setting().rate()),
              best.setting().halvePercent() == 0 ? "-" : best.setting().halvePercent(),
              text(meanOfBest(ranked, 10).orElse(Double.NaN)),
              text(meanOfBest(ranked, 20).orElse(Double.NaN)),
              ranked.stream().filter(r -> !Double.isFinite(r.objective())).count()));
    }
    return sentences;
  }

  /** Objectives of each method; a dash where a setting diverged or was not tried. */
  static Map<OptimizerKind, List<List<String>>> tables(List<GridResult> results) {
    Map<OptimizerKind, List<List<String>>> tables = new LinkedHashMap<>();
    for (GridResult each : results) {
      tables.computeIfAbsent(each.setting().kind(), kind -> table(results, kind));
    }
    return tables;
  }

  private static List<List<String>> table(List<GridResult> results, OptimizerKind kind) {
    List<List<String>> rows = new ArrayList<>();
    settings(kind).stream()
        .map(GridSetting::rate)
        .distinct()
        .sorted(Comparator.reverseOrder())
        .forEach(rate -> rows.add(row(results, kind, rate)));
    return rows;
  }

  private static List<String> row(List<GridResult> results, OptimizerKind kind, double rate) {
    List<String> cells = new ArrayList<>(List.of(Contender.number(rate)));
    DoubleStream.concat(DoubleStream.of(0), Arrays.stream(HALVE_PERCENT))
        .mapToObj(percent -> new GridSetting(kind, rate, percent))
        .map(
            setting ->
                results.stream()
                    .filter(r -> r.setting().equals(setting))
                    .mapToDouble(GridResult::objective)
                    .findFirst()
                    .orElse(Double.NaN))
        .forEach(objective -> cells.add(text(objective)));
    return cells;
  }

  private static String text(double objective) {
    return SummaryTable.format("%.2f", objective);
  }

  private static boolean of(GridResult result, OptimizerKind kind) {
    return result.setting().kind() == kind;
  }
}
