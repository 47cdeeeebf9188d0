package dev.krongauss.bench.report;

import de.siegmar.fastcsv.reader.NamedCsvRecord;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.DoubleFunction;
import java.util.stream.Collectors;

/**
 * Tables in Markdown by name:
 *
 * <table>
 * <caption>Words</caption>
 * <tr><td>{@code compare RUN,… FOLDER …}</td><td>objective and updates, a row a run, a column a
 *     folder, of several seeds the range; {@code best:adam} is the lowest of all whose label begins
 *     so</td></tr>
 * <tr><td>{@code runs FOLDER}</td><td>every run of a folder</td></tr>
 * <tr><td>{@code phases FOLDER}</td><td>where an update's time went</td></tr>
 * <tr><td>{@code csv FOLDER FILE}</td><td>a small table as it is</td></tr>
 * </table>
 */
final class Tables {
  private static final String SUMMARY = "summary.csv";
  private static final String BEST = "best:";
  private static final String EVALUATED = "evaluated";
  private static final String AVERAGED = "averaged";
  private static final double SMALL = 1;

  private final ResultFolders folders;

  Tables(ResultFolders folders) {
    this.folders = folders;
  }

  /**
   * A table by its words.
   *
   * @throws ReportException if there is no such table, or no folder has what is in it
   */
  String of(Deque<String> words) {
    List<String> rest = new ArrayList<>(words);
    if (rest.size() < 2) {
      throw new ReportException("a table needs its kind and a folder");
    }
    String kind = rest.remove(0);
    return switch (kind) {
      case "compare" -> compare(rest.get(0).split(","), rest.subList(1, rest.size()));
      case "runs" -> runs(folders.get(rest.get(0)));
      case "phases" -> phases(folders.get(rest.get(0)));
      case "heldout" -> heldOut(new HeldOutTable(folders.get(rest.get(0))), rest.get(1));
      case "csv" -> csv(folders.get(rest.get(0)), rest.get(rest.size() - 1));
      default ->
          throw new ReportException(
              "there is no table '%s'; there are compare, runs, phases, heldout, csv", kind);
    };
  }

  private String compare(String[] runs, List<String> names) {
    List<ResultFolder> columns = names.stream().map(folders::get).toList();
    List<String> head = new ArrayList<>(List.of("objective after the same time (updates)"));
    columns.forEach(
        c -> head.add(String.valueOf(c.config("options.data")).toUpperCase(Locale.ROOT)));
    List<List<String>> rows = new ArrayList<>();
    for (String run : runs) {
      List<String> row = new ArrayList<>(List.of(title(run)));
      columns.forEach(folder -> row.add(objective(folder, run)));
      rows.add(row);
    }
    return table(head, rows);
  }

  private static String title(String run) {
    return run.startsWith(BEST)
        ? Labels.of(run.substring(BEST.length())).split(" ")[0] + ", the best setting that ran"
        : Labels.of(run);
  }

  private static String objective(ResultFolder folder, String run) {
    List<NamedCsvRecord> seeds = folder.summaries(run);
    return "%s (%s)"
        .formatted(range(folder, seeds, "objective"), mean(folder, seeds, "updates", 0));
  }

  /** A row a setting: of several seeds the range of their objectives and the mean of the rest. */
  private static String runs(ResultFolder folder) {
    List<List<String>> rows = new ArrayList<>();
    boolean evaluated = folder.rows(SUMMARY).get(0).findField(EVALUATED).isPresent();
    for (String label : labels(folder)) {
      List<NamedCsvRecord> seeds = folder.summaries(label);
      String failures =
          seeds.stream()
              .map(row -> folder.field(SUMMARY, row, "failure"))
              .filter(text -> !text.isEmpty())
              .map(text -> ", " + text)
              .collect(Collectors.joining());
      List<String> row =
          new ArrayList<>(
              List.of(
                  Labels.of(label),
                  range(folder, seeds, "objective") + failures,
                  mean(folder, seeds, "updates", 0),
                  mean(folder, seeds, "seconds", 1),
                  mean(folder, seeds, "ms_per_update", 0)));
      if (evaluated) {
        row.add(range(folder, seeds, EVALUATED));
        row.add(range(folder, seeds, AVERAGED));
      }
      rows.add(row);
    }
    List<String> head =
        new ArrayList<>(List.of("run", "objective", "updates", "seconds", "ms an update"));
    if (evaluated) {
      head.addAll(List.of("last weights", "averaged"));
    }
    return table(head, rows);
  }

  private static String heldOut(HeldOutTable held, String rival) {
    return table(held.head(rival), held.rows(rival));
  }

  private static List<String> labels(ResultFolder folder) {
    return folder.rows(SUMMARY).stream()
        .map(row -> folder.field(SUMMARY, row, "optimizer"))
        .distinct()
        .toList();
  }

  private static String mean(
      ResultFolder folder, List<NamedCsvRecord> seeds, String column, int digits) {
    return digits(folder.mean(seeds, column), digits);
  }

  private static String range(ResultFolder folder, List<NamedCsvRecord> seeds, String column) {
    return range(
        seeds.stream().mapToDouble(row -> folder.number(SUMMARY, row, column)).toArray(),
        Tables::rounded);
  }

  /** One number, or the least and the greatest where they are written otherwise. */
  static String range(double[] values, DoubleFunction<String> written) {
    double[] sorted = Arrays.stream(values).sorted().toArray();
    String least = written.apply(sorted[0]);
    String greatest = written.apply(sorted[sorted.length - 1]);
    return least.equals(greatest) ? least : least + " to " + greatest;
  }

  private static String phases(ResultFolder folder) {
    List<Map<?, ?>> costs = maps(folder.config("costs"));
    List<String> head = new ArrayList<>(List.of("phase, ms an update (busy cores)"));
    costs.forEach(each -> head.add(Labels.of(String.valueOf(each.get("optimizer")))));
    List<List<String>> rows = new ArrayList<>();
    Map<?, ?> longest =
        costs.stream()
            .<Map<?, ?>>map(each -> (Map<?, ?>) each.get("phases"))
            .max(Comparator.comparingInt(Map::size))
            .orElseThrow(() -> new ReportException("%s has measured no costs", folder.name()));
    for (Object phase : longest.keySet()) {
      List<String> row = new ArrayList<>(List.of(String.valueOf(phase)));
      costs.forEach(each -> row.add(phase(((Map<?, ?>) each.get("phases")).get(phase))));
      rows.add(row);
    }
    rows.add(row("sum of the phases", costs, "milliseconds_of_phases"));
    rows.add(row("the whole update, replayed", costs, "milliseconds"));
    return table(head, rows);
  }

  private static List<Map<?, ?>> maps(Object list) {
    return ((List<?>) list).stream().<Map<?, ?>>map(each -> (Map<?, ?>) each).toList();
  }

  private static List<String> row(String title, List<Map<?, ?>> costs, String key) {
    List<String> row = new ArrayList<>(List.of(title));
    costs.forEach(
        each ->
            row.add(
                digits(Figures.number(each.get(key)), 0)
                    + (key.equals("milliseconds") ? cores(each) : "")));
    return row;
  }

  private static String phase(Object phase) {
    if (!(phase instanceof Map<?, ?> map)) {
      return "";
    }
    double milliseconds = Figures.number(map.get("milliseconds_an_update"));
    return digits(milliseconds, milliseconds < 10 ? 1 : 0) + cores(map);
  }

  private static String cores(Map<?, ?> map) {
    Object cores = map.get("busy_cores");
    return cores == null ? "" : " (" + digits(Figures.number(cores), 1) + ")";
  }

  private static String csv(ResultFolder folder, String file) {
    List<NamedCsvRecord> records = folder.rows(file);
    List<List<String>> rows = new ArrayList<>();
    records.forEach(record -> rows.add(record.getFields()));
    return table(records.get(0).getHeader(), rows);
  }

  private static String table(List<String> head, List<List<String>> rows) {
    Deque<String> lines = new ArrayDeque<>();
    lines.add(line(head));
    lines.add("|---".repeat(head.size()) + "|");
    rows.forEach(row -> lines.add(line(row)));
    return String.join("\n", lines);
  }

  private static String line(List<String> cells) {
    return cells.stream()
        .map(cell -> cell.replace("|", "\\|"))
        .collect(Collectors.joining(" | ", "| ", " |"));
  }

  /** One digit behind the point; four where the number is below 1. */
  private static String rounded(double value) {
    return Double.isNaN(value) ? "–" : digits(value, Math.abs(value) < SMALL ? 4 : 1);
  }

  /** With so many digits behind the point. */
  static String digits(double value, int digits) {
    return String.format(Locale.ROOT, "%." + digits + "f", value);
  }
}
