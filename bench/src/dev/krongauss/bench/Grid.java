package dev.krongauss.bench;

import de.siegmar.fastcsv.reader.NamedCsvRecord;
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
 * and how often it is halved, every 100, 50, 25, 12.5 or 6.25 % of the updates; and the default
 * beside them. Every setting gets the same number of updates.
 */
final class Grid {
  private static final int GREATEST_EXPONENT = -6;
  private static final int LEAST_EXPONENT = -13;
  private static final double[] HALVE_PERCENT = {100, 50, 25, 12.5, 6.25};

  /** Of {@link #tables}: rows by learning rate, columns by how often it is halved. */
  static final List<String> TABLE_HEADINGS =
      List.of("rate", "never", "100 %", "50 %", "25 %", "12.5 %", "6.25 %");

  private Grid() {}

  /**
   * One setting.
   *
   * @param halvePercent of the updates between halvings; 0 for never
   */
  record Setting(OptimizerKind kind, double rate, double halvePercent) {
    /** As a contender for so many updates. */
    Contender contender(long updates) {
      long every = halvePercent == 0 ? 0 : Math.max(1, Math.round(updates * halvePercent / 100));
      return Contender.of(kind).withRate(rate, Math.toIntExact(every));
    }
  }

  /**
   * What a setting came to.
   *
   * @param objective mean of the last ten; NaN if it diverged
   */
  record Result(Setting setting, long updates, double objective, String failure) {
    static final List<String> COLUMNS =
        List.of("optimizer", "learning_rate", "halve_percent", "updates", "objective", "failure");

    List<String> record() {
      return List.of(
          setting.kind().toString(),
          Contender.number(setting.rate()),
          Double.toString(setting.halvePercent()),
          Long.toString(updates),
          Double.toString(objective),
          failure == null ? "" : failure);
    }

    static Result of(NamedCsvRecord row) {
      String text = row.getField("optimizer") + ":rate=" + row.getField("learning_rate");
      Contender contender = Contender.parse(text);
      Setting setting =
          new Setting(
              contender.kind(),
              contender.rate(),
              Double.parseDouble(row.getField("halve_percent")));
      String failure = row.getField("failure");
      return new Result(
          setting,
          Long.parseLong(row.getField("updates")),
          Double.parseDouble(row.getField("objective")),
          failure.isEmpty() ? null : failure);
    }
  }

  /** The settings of one method, the default first. */
  static List<Setting> settings(OptimizerKind kind) {
    Set<Setting> settings = new LinkedHashSet<>();
    settings.add(new Setting(kind, kind.defaultRate(), 0));
    for (int e = GREATEST_EXPONENT; e >= LEAST_EXPONENT; e--) {
      for (double percent : HALVE_PERCENT) {
        settings.add(new Setting(kind, Math.scalb(1.0, e), percent));
      }
    }
    return List.copyOf(settings);
  }

  /** The results of one method, the lowest objective first; what diverged comes last. */
  static List<Result> ranked(List<Result> results, OptimizerKind kind) {
    List<Result> own = new ArrayList<>(results.stream().filter(r -> of(r, kind)).toList());
    own.sort(Comparator.comparingDouble(r -> Double.isNaN(r.objective()) ? 1e300 : r.objective()));
    return own;
  }

  /** Mean objective of the best so many; empty where fewer came to a number. */
  static OptionalDouble meanOfBest(List<Result> ranked, int count) {
    List<Result> best = ranked.stream().limit(count).toList();
    return best.size() < count || best.stream().anyMatch(r -> !Double.isFinite(r.objective()))
        ? OptionalDouble.empty()
        : best.stream().mapToDouble(Result::objective).average();
  }

  /** What the default came to; NaN if it was not tried. */
  static double ofDefault(List<Result> ranked) {
    return ranked.stream()
        .filter(r -> r.setting().halvePercent() == 0)
        .mapToDouble(Result::objective)
        .findFirst()
        .orElse(Double.NaN);
  }

  /** The grid of each method in a sentence: default, best, means of the best 10 and 20. */
  static List<String> sentences(List<Result> results) {
    List<String> sentences = new ArrayList<>();
    for (OptimizerKind kind : OptimizerKind.values()) {
      List<Result> ranked = ranked(results, kind);
      if (ranked.isEmpty()) {
        continue;
      }
      Result best = ranked.get(0);
      sentences.add(
          String.format(
              Locale.ROOT,
              "%s, %d settings of %,d updates each: default %s, best %s (rate %s, halved every %s %%"
                  + " of the updates), mean of the best ten %s, of the best twenty %s, %d diverged",
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
  static Map<OptimizerKind, List<List<String>>> tables(List<Result> results) {
    Map<OptimizerKind, List<List<String>>> tables = new LinkedHashMap<>();
    for (Result each : results) {
      tables.computeIfAbsent(each.setting().kind(), kind -> table(results, kind));
    }
    return tables;
  }

  private static List<List<String>> table(List<Result> results, OptimizerKind kind) {
    List<List<String>> rows = new ArrayList<>();
    settings(kind).stream()
        .map(Setting::rate)
        .distinct()
        .sorted(Comparator.reverseOrder())
        .forEach(rate -> rows.add(row(results, kind, rate)));
    return rows;
  }

  private static List<String> row(List<Result> results, OptimizerKind kind, double rate) {
    List<String> cells = new ArrayList<>(List.of(Contender.number(rate)));
    DoubleStream.concat(DoubleStream.of(0), Arrays.stream(HALVE_PERCENT))
        .mapToObj(percent -> new Setting(kind, rate, percent))
        .map(
            setting ->
                results.stream()
                    .filter(r -> r.setting().equals(setting))
                    .mapToDouble(Result::objective)
                    .findFirst()
                    .orElse(Double.NaN))
        .forEach(objective -> cells.add(text(objective)));
    return cells;
  }

  private static String text(double objective) {
    return SummaryTable.format("%.2f", objective);
  }

  private static boolean of(Result result, OptimizerKind kind) {
    return result.setting().kind() == kind;
  }
}
