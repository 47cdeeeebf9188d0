package dev.krongauss.bench.report;

import com.fasterxml.jackson.jr.ob.JSON;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.NamedCsvRecord;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** A folder of {@code bench/results}: its configuration and its tables, read when asked for. */
final class ResultFolder {
  private static final String CONFIG = "config.json";
  private static final String SUMMARY = "summary.csv";
  private static final String METRICS = "metrics.csv";
  private static final String BEST = "best:";

  private final Path path;
  private final Map<String, List<NamedCsvRecord>> tables = new HashMap<>();
  private final Map<String, Map<String, Object>> documents = new HashMap<>();

  ResultFolder(Path path) {
    this.path = path;
  }

  /** The folder's own name. */
  String name() {
    return path.getFileName().toString();
  }

  /**
   * All rows of a table.
   *
   * @throws ReportException if there is no such table, or it has no rows
   */
  List<NamedCsvRecord> rows(String file) {
    return tables.computeIfAbsent(file, this::read);
  }

  private List<NamedCsvRecord> read(String file) {
    Path table = existing(file);
    try (CsvReader<NamedCsvRecord> reader = CsvReader.builder().ofNamedCsvRecord(table)) {
      List<NamedCsvRecord> rows = reader.stream().toList();
      if (rows.isEmpty()) {
        throw new ReportException("%s has no rows", table);
      }
      return rows;
    } catch (IOException e) {
      throw new UncheckedIOException("reading " + table, e);
    }
  }

  /**
   * The summaries of a finished run, one a seed.
   *
   * @param run the optimiser's label as the table has it, of all its seeds; {@code label@seed} of
   *     one; {@code best:METHOD} is the method's setting with the lowest mean objective
   * @throws ReportException if there is none
   */
  List<NamedCsvRecord> summaries(String run) {
    return matching(SUMMARY, run);
  }

  /** The rows of a run in {@code metrics.csv}, in the order of the updates, by its seeds. */
  Map<String, List<NamedCsvRecord>> metrics(String run) {
    return matching(METRICS, run).stream()
        .collect(
            Collectors.groupingBy(
                row -> field(METRICS, row, "seed"), LinkedHashMap::new, Collectors.toList()));
  }

  /** The label that {@code best:METHOD} stands for; any other stays as it is. */
  String label(String run) {
    if (!run.startsWith(BEST)) {
      return run;
    }
    String method = run.substring(BEST.length());
    Map<String, List<NamedCsvRecord>> settings =
        rows(SUMMARY).stream()
            .filter(row -> field(SUMMARY, row, "optimizer").split(":")[0].equals(method))
            .collect(Collectors.groupingBy(row -> field(SUMMARY, row, "optimizer")));
    return settings.entrySet().stream()
        .filter(each -> each.getValue().stream().allMatch(this::finished))
        .min(Comparator.comparingDouble(each -> mean(each.getValue(), "objective")))
        .orElseThrow(() -> new ReportException("%s has no finished run of '%s'", name(), method))
        .getKey();
  }

  private boolean finished(NamedCsvRecord row) {
    return field(SUMMARY, row, "failure").isEmpty();
  }

  /** Mean of a column of the summary. */
  double mean(List<NamedCsvRecord> rows, String column) {
    return rows.stream().mapToDouble(row -> number(SUMMARY, row, column)).average().orElseThrow();
  }

  private List<NamedCsvRecord> matching(String file, String name) {
    String run = label(name);
    int at = run.indexOf('@');
    String label = at < 0 ? run : run.substring(0, at);
    String seed = at < 0 ? null : run.substring(at + 1);
    List<NamedCsvRecord> found =
        rows(file).stream()
            .filter(row -> field(file, row, "optimizer").equals(label))
            .filter(row -> seed == null || field(file, row, "seed").equals(seed))
            .toList();
    if (found.isEmpty()) {
      throw new ReportException(
          "%s/%s has no run '%s'; there are %s",
          name(),
          file,
          run,
          rows(file).stream()
              .map(row -> row.getField("optimizer"))
              .distinct()
              .collect(Collectors.joining(", ")));
    }
    return found;
  }

  /**
   * A cell.
   *
   * @throws ReportException if the table has no such column
   */
  String field(String file, NamedCsvRecord row, String column) {
    return row.findField(column)
        .orElseThrow(
            () ->
                new ReportException(
                    "%s/%s has no column '%s'; there are %s",
                    name(), file, column, row.getHeader()));
  }

  /**
   * A number of a table.
   *
   * @throws ReportException if there is no such column, or no number in it
   */
  double number(String file, NamedCsvRecord row, String column) {
    String text = field(file, row, column);
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw new ReportException(
          "%s/%s: '%s' in column '%s' is no number", name(), file, text, column);
    }
  }

  /** A value of {@code config.json}, as {@link #json} finds it. */
  Object config(String keys) {
    return json(CONFIG, keys);
  }

  /**
   * A value of a JSON file, by keys joined by dots; of a list the element whose entry is as named:
   * {@code costs[optimizer=kfra].phases.forward.milliseconds}.
   *
   * @throws ReportException if there is none
   */
  Object json(String file, String keys) {
    Object here = documents.computeIfAbsent(file, this::document);
    for (String key : keys.split("\\.")) {
      String[] parts = key.split("[\\[\\]=]");
      here = here instanceof Map<?, ?> map ? map.get(parts[0]) : null;
      if (parts.length == 3 && here instanceof List<?> list) {
        here = element(list, parts[1], parts[2]);
      }
      if (here == null) {
        throw new ReportException("%s/%s has nothing at '%s' of %s", name(), file, key, keys);
      }
    }
    return here;
  }

  private static Object element(List<?> list, String key, String value) {
    return list.stream()
        .filter(each -> each instanceof Map<?, ?> map && value.equals(String.valueOf(map.get(key))))
        .findFirst()
        .orElse(null);
  }

  private Map<String, Object> document(String name) {
    Path file = existing(name);
    try {
      return JSON.std.mapFrom(Files.readString(file));
    } catch (IOException e) {
      throw new UncheckedIOException("reading " + file, e);
    }
  }

  /** Whether the folder has such a file. */
  boolean has(String file) {
    return Files.isRegularFile(path.resolve(file));
  }

  private Path existing(String file) {
    if (!has(file)) {
      throw new ReportException("there is no %s in bench/results/%s", file, name());
    }
    return path.resolve(file);
  }
}
