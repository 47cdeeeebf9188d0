package dev.krongauss.bench.report;

import de.siegmar.fastcsv.reader.NamedCsvRecord;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.DoubleFunction;
import java.util.stream.Collectors;

/**
 * What runs came to on the held-out rows, by {@code evaluation.csv}: of each seed the evaluation
 * with the least objective, and how long the run took to a rival's least objective by the rival's
 * time to it.
 */
final class HeldOutTable {
  private static final String FILE = "evaluation.csv";
  private static final String OBJECTIVE = "objective";
  private static final String SECONDS = "seconds";

  private final ResultFolder folder;
  private final Map<String, Map<String, List<NamedCsvRecord>>> bySeed = new LinkedHashMap<>();

  HeldOutTable(ResultFolder folder) {
    this.folder = folder;
    for (NamedCsvRecord row : folder.rows(FILE)) {
      if (Double.isFinite(folder.number(FILE, row, OBJECTIVE))) {
        bySeed
            .computeIfAbsent(folder.field(FILE, row, "optimizer"), k -> new LinkedHashMap<>())
            .computeIfAbsent(folder.field(FILE, row, "seed"), k -> new ArrayList<>())
            .add(row);
      }
    }
  }

  /** Headings, for a rival in words. */
  List<String> head(String rival) {
    List<String> head = new ArrayList<>(List.of("run", "held-out objective"));
    head.addAll(score() ? List.of("log loss", "accuracy") : List.of("RMSE", "R²"));
    head.addAll(List.of("after seconds", "of the time of " + Labels.of(rival)));
    return head;
  }

  /** A row an optimiser: the range of the seeds. */
  List<List<String>> rows(String rival) {
    if (!bySeed.containsKey(rival)) {
      throw new ReportException(
          "%s/%s has no run '%s'; there are %s", folder.name(), FILE, rival, bySeed.keySet());
    }
    return bySeed.keySet().stream().map(run -> row(run, rival)).toList();
  }

  /** The worst of the seeds, or how many get there at all. */
  private String share(String run, String rival) {
    double[] shares =
        bySeed.get(run).entrySet().stream()
            .mapToDouble(each -> share(each.getValue(), bySeed.get(rival).get(each.getKey())))
            .filter(share -> !Double.isNaN(share))
            .toArray();
    int seeds = bySeed.get(run).size();
    if (shares.length == seeds) {
      return Tables.digits(Arrays.stream(shares).max().orElseThrow(), 2);
    }
    return shares.length == 0 ? "never" : "%d of %d seeds".formatted(shares.length, seeds);
  }

  private List<String> row(String run, String rival) {
    List<String> cells = new ArrayList<>(List.of(Labels.of(run)));
    cells.add(range(run, OBJECTIVE, v -> Tables.digits(v, 4)));
    if (score()) {
      cells.add(range(run, "log_loss", v -> Tables.digits(v, 4)));
      cells.add(range(run, "accuracy", v -> Tables.digits(v, 4)));
    } else {
      cells.add(range(run, "rmse", v -> Tables.digits(v, v < 100 ? 3 : 0)));
      cells.add(range(run, "r2", v -> Tables.digits(v, 3)));
    }
    cells.add(range(run, SECONDS, v -> Tables.digits(v, 1)));
    cells.add(run.equals(rival) ? "1" : share(run, rival));
    return cells;
  }

  private boolean score() {
    return bySeed.values().stream()
        .flatMap(seeds -> seeds.values().stream())
        .flatMap(List::stream)
        .noneMatch(row -> !folder.field(FILE, row, "rmse").isEmpty());
  }

  private String range(String run, String column, DoubleFunction<String> written) {
    return Tables.range(
        bySeed.get(run).values().stream()
            .mapToDouble(rows -> folder.number(FILE, best(rows), column))
            .toArray(),
        written);
  }

  private NamedCsvRecord best(List<NamedCsvRecord> rows) {
    return rows.stream()
        .min(Comparator.comparingDouble(row -> folder.number(FILE, row, OBJECTIVE)))
        .orElseThrow();
  }

  private double share(List<NamedCsvRecord> own, List<NamedCsvRecord> rivals) {
    if (rivals == null) {
      throw new ReportException(
          "%s/%s has seeds of a run that its rival has not: %s",
          folder.name(),
          FILE,
          bySeed.values().stream().map(Map::keySet).distinct().collect(Collectors.toList()));
    }
    NamedCsvRecord goal = best(rivals);
    double objective = folder.number(FILE, goal, OBJECTIVE);
    OptionalDouble seconds =
        own.stream()
            .filter(row -> folder.number(FILE, row, OBJECTIVE) <= objective)
            .mapToDouble(row -> folder.number(FILE, row, SECONDS))
            .min();
    return seconds.isEmpty()
        ? Double.NaN
        : seconds.getAsDouble() / folder.number(FILE, goal, SECONDS);
  }
}
