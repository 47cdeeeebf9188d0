package dev.krongauss.bench.report;

import de.siegmar.fastcsv.reader.NamedCsvRecord;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;

/**
 * Single figures by name. A figure is written with its words in front, as in {@code by value
 * 2026-11-27-mnist kfra seconds value 2026-11-27-mnist adam seconds}:
 *
 * <table>
 * <caption>Words</caption>
 * <tr><td>{@code value FOLDER RUN COLUMN}</td><td>a cell of {@code summary.csv}</td></tr>
 * <tr><td>{@code at FOLDER RUN UPDATE}</td><td>the sliding mean of the objective after an update</td></tr>
 * <tr><td>{@code common FOLDER A B}</td><td>that of A after the last update that A and B both made</td></tr>
 * <tr><td>{@code reached FOLDER A B}</td><td>the share of B's time in which A first had B's final objective</td></tr>
 * <tr><td>{@code across FOLDER A FOLDER B}</td><td>the same of runs in two folders, each seed of A
 *     against each of B</td></tr>
 * <tr><td>{@code within FOLDER A B OBJECTIVE}</td><td>A's seconds to an objective by B's</td></tr>
 * <tr><td>{@code first FOLDER RUN}</td><td>the objective of the first batch</td></tr>
 * <tr><td>{@code config FOLDER KEYS}</td><td>a value of {@code config.json}, keys joined by dots</td></tr>
 * <tr><td>{@code json FOLDER FILE KEYS}</td><td>the same of any file, as of the GPU kit's</td></tr>
 * <tr><td>{@code grid FOLDER RANK COLUMN}</td><td>a cell of {@code grid.csv}, the RANK-th by objective</td></tr>
 * <tr><td>{@code cell FOLDER FILE KEY=VALUE,… COLUMN}</td><td>a cell of any table</td></tr>
 * <tr><td>{@code range FOLDER RUN COLUMN DIGITS}</td><td>least to greatest of the seeds, in words</td></tr>
 * <tr><td>{@code by A B}</td><td>figure A by figure B</td></tr>
 * </table>
 */
final class Figures {
  private static final String SUMMARY = "summary.csv";
  private static final String METRICS = "metrics.csv";
  private static final String GRID = "grid.csv";
  private static final String OBJECTIVE = "objective";
  private static final String MEAN = "sliding_mean";
  private static final String SECONDS = "seconds";

  /** Of a run from several seeds figures are means, the share of {@code reached} the worst. */
  private interface Word {
    Object of(String[] arguments);
  }

  private record Entry(int arguments, Word word) {}

  private final ResultFolders folders;
  private final Map<String, Entry> words = new HashMap<>();

  Figures(ResultFolders folders) {
    this.folders = folders;
    words.put("value", new Entry(3, a -> value(a[0], a[1], a[2])));
    words.put("range", new Entry(4, a -> range(a[0], a[1], a[2], count(a[3]))));
    words.put("at", new Entry(3, a -> at(a[0], a[1], count(a[2]))));
    words.put("common", new Entry(3, a -> at(a[0], a[1], lastCommon(a[0], a[1], a[2]))));
    words.put("reached", new Entry(3, a -> reached(a[0], a[1], a[2])));
    words.put("across", new Entry(4, a -> across(a[0], a[1], a[2], a[3])));
    words.put("within", new Entry(4, a -> within(a[0], a[1], a[2], a[3])));
    words.put("first", new Entry(2, a -> first(a[0], a[1])));
    words.put("config", new Entry(2, a -> folders.get(a[0]).config(a[1])));
    words.put("json", new Entry(3, a -> folders.get(a[0]).json(a[1], a[2])));
    words.put("grid", new Entry(3, a -> grid(a[0], count(a[1]), a[2])));
    words.put("cell", new Entry(4, a -> cell(a[0], a[1], a[2], a[3])));
  }

  /**
   * Takes a figure's words from the front.
   *
   * @return a number or a text
   * @throws ReportException if a word is unknown, words are missing, or no folder has the figure
   */
  Object take(Deque<String> text) {
    String name = next(text, "a figure");
    if (name.equals("by")) {
      return number(take(text)) / number(take(text));
    }
    Entry entry = words.get(name);
    if (entry == null) {
      throw new ReportException("there is no figure '%s'; there are by, %s", name, words.keySet());
    }
    String[] arguments = new String[entry.arguments];
    for (int i = 0; i < arguments.length; i++) {
      arguments[i] = next(text, "argument " + (i + 1) + " of '" + name + "'");
    }
    return entry.word.of(arguments);
  }

  private static String next(Deque<String> text, String what) {
    if (text.isEmpty()) {
      throw new ReportException("%s is missing", what);
    }
    return text.removeFirst();
  }

  /** The figure as a number. */
  static double number(Object figure) {
    if (figure instanceof Number number) {
      return number.doubleValue();
    }
    throw new ReportException("'%s' is no number", figure);
  }

  /** A cell of the summary: a number where it is one, else its text. */
  Object value(String folder, String run, String column) {
    ResultFolder results = folders.get(folder);
    List<NamedCsvRecord> seeds = results.summaries(run);
    return seeds.size() == 1
        ? typed(results.field(SUMMARY, seeds.get(0), column))
        : (Object) results.mean(seeds, column);
  }

  private static double mean(
      Map<String, List<NamedCsvRecord>> seeds, ToDoubleFunction<List<NamedCsvRecord>> of) {
    return seeds.values().stream().mapToDouble(of).average().orElseThrow();
  }

  private String range(String folder, String run, String column, int digits) {
    ResultFolder results = folders.get(folder);
    return Tables.range(
        results.summaries(run).stream()
            .mapToDouble(row -> results.number(SUMMARY, row, column))
            .toArray(),
        value -> Tables.digits(value, digits));
  }

  private double at(String folder, String run, int update) {
    ResultFolder results = folders.get(folder);
    return mean(
        results.metrics(run),
        rows ->
            rows.stream()
                .filter(each -> results.number(METRICS, each, "update") == update)
                .findFirst()
                .map(each -> results.number(METRICS, each, MEAN))
                .orElseThrow(
                    () ->
                        new ReportException(
                            "%s/%s has no update %d of '%s'; there are %d",
                            folder, METRICS, update, run, rows.size())));
  }

  private int lastCommon(String folder, String a, String b) {
    return Math.min(updates(folder, a), updates(folder, b));
  }

  private int updates(String folder, String run) {
    return folders.get(folder).metrics(run).values().stream()
        .mapToInt(List::size)
        .min()
        .orElseThrow();
  }

  private double first(String folder, String run) {
    ResultFolder results = folders.get(folder);
    return mean(results.metrics(run), rows -> results.number(METRICS, rows.get(0), OBJECTIVE));
  }

  private double reached(String folder, String a, String b) {
    ResultFolder results = folders.get(folder);
    Map<String, List<NamedCsvRecord>> own = results.metrics(a);
    List<NamedCsvRecord> others = results.summaries(b);
    if (own.size() != others.size()) {
      throw new ReportException(
          "in %s there are %d seeds of '%s' and %d of '%s'",
          folder, own.size(), a, others.size(), b);
    }
    return others.stream()
        .mapToDouble(
            row -> {
              String seed = results.field(SUMMARY, row, "seed");
              return reached(results, own.getOrDefault(seed, List.of()), row, a);
            })
        .max()
        .orElseThrow();
  }

  private double across(String folder, String a, String otherFolder, String b) {
    ResultFolder results = folders.get(folder);
    ResultFolder others = folders.get(otherFolder);
    return results.metrics(a).values().stream()
        .flatMapToDouble(
            own ->
                others.summaries(b).stream()
                    .mapToDouble(
                        row ->
                            secondsTo(results, own, others.number(SUMMARY, row, OBJECTIVE), a)
                                / others.number(SUMMARY, row, SECONDS)))
        .max()
        .orElseThrow();
  }

  /** The worst of the seeds that both have. */
  private double within(String folder, String a, String b, String objective) {
    ResultFolder results = folders.get(folder);
    double goal = number(typed(objective));
    Map<String, List<NamedCsvRecord>> others = results.metrics(b);
    return results.metrics(a).entrySet().stream()
        .filter(each -> others.containsKey(each.getKey()))
        .mapToDouble(
            each ->
                secondsTo(results, each.getValue(), goal, a)
                    / secondsTo(results, others.get(each.getKey()), goal, b))
        .max()
        .orElseThrow(() -> new ReportException("in %s '%s' and '%s' share no seed", folder, a, b));
  }

  private static double reached(
      ResultFolder results, List<NamedCsvRecord> own, NamedCsvRecord other, String a) {
    return secondsTo(results, own, results.number(SUMMARY, other, OBJECTIVE), a)
        / results.number(SUMMARY, other, SECONDS);
  }

  /** Seconds of a run until its sliding mean was at most so much. */
  private static double secondsTo(
      ResultFolder results, List<NamedCsvRecord> rows, double goal, String run) {
    return rows.stream()
        .filter(row -> results.number(METRICS, row, MEAN) <= goal)
        .findFirst()
        .map(row -> results.number(METRICS, row, SECONDS))
        .orElseThrow(
            () ->
                new ReportException(
                    "in %s '%s' never reaches %s as the mean of ten batches",
                    results.name(), run, goal));
  }

  private Object grid(String folder, int rank, String column) {
    ResultFolder results = folders.get(folder);
    List<NamedCsvRecord> sorted =
        results.rows(GRID).stream()
            .sorted(Comparator.comparingDouble(row -> results.number(GRID, row, OBJECTIVE)))
            .toList();
    if (rank < 1 || rank > sorted.size()) {
      throw new ReportException(
          "%s/%s has %d settings, not a %d-th", folder, GRID, sorted.size(), rank);
    }
    return typed(results.field(GRID, sorted.get(rank - 1), column));
  }

  private Object cell(String folder, String file, String conditions, String column) {
    ResultFolder results = folders.get(folder);
    Predicate<NamedCsvRecord> fits = row -> true;
    for (String condition : conditions.split(",")) {
      String[] sides = condition.split("=", 2);
      if (sides.length < 2) {
        throw new ReportException("'%s' is no condition KEY=VALUE", condition);
      }
      fits = fits.and(row -> results.field(file, row, sides[0]).equals(sides[1]));
    }
    List<NamedCsvRecord> found = results.rows(file).stream().filter(fits).toList();
    if (found.size() != 1) {
      throw new ReportException(
          "%s/%s has %d rows with %s; one is needed", folder, file, found.size(), conditions);
    }
    return typed(results.field(file, found.get(0), column));
  }

  private static int count(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new ReportException("'%s' is no whole number", text);
    }
  }

  private static Object typed(String text) {
    boolean numeric = text.matches("-?[0-9.]+([eE][-+]?[0-9]+)?");
    return numeric ? (Object) Double.valueOf(text) : text;
  }
}
