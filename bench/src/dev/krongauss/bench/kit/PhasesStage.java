package dev.krongauss.bench.kit;

import dev.krongauss.bench.model.ModelPage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What updates cost by phases, with a launch for all layers and with one a product. */
final class PhasesStage {
  private static final List<String> CHAINS = List.of("on", "off");

  private final KitSettings settings;

  PhasesStage(KitSettings settings) {
    this.settings = settings;
  }

  Outcome phases() throws IOException {
    Report report = new Report(settings, "phases");
    report.put("network", network());
    Deadline end = Deadline.in(settings.limitSeconds());
    Collecting collecting = new Collecting(report, page());
    Outcome outcome = Outcome.of(true);
    for (String chain : CHAINS) {
      double share = chain.equals("on") ? end.secondsLeft() / 2.0 : end.secondsLeft();
      // SoftCUDA would take the libraries otherwise, which have no chains.
      List<String> properties =
          List.of("-Dkrongauss.chain=" + chain, "-Dkrongauss.operations=kernels");
      WorkerRun run =
          new WorkerRun(
              settings.java("phases", List.of(), properties, Worker.class.getName()),
              Items.Mode.PHASES,
              settings.software(),
              "",
              Session.ITEM_SECONDS,
              Deadline.in(share),
              collecting);
      outcome = outcome.and(run.outcome(run.run(), true).named("chain=" + chain + ": "));
    }
    outcome = outcome.and(Outcome.of(collecting.good()));
    report.end(outcome, collecting.table());
    System.out.print(collecting.table());
    return outcome;
  }

  /** What the model says of the full autoencoder; SoftCUDA runs a smaller one. */
  private Optional<ModelPage> page() throws IOException {
    Path file = settings.home().resolve("model.md");
    return settings.software() || !Files.isRegularFile(file)
        ? Optional.empty()
        : Optional.of(ModelPage.read(file));
  }

  private String network() {
    return settings.software()
        ? "autoencoder at scale %s, batch %d"
            .formatted(Selection.SOFTWARE_SCALE, Selection.SOFTWARE_BATCH)
        : "autoencoder, batch 1000";
  }

  /** Rows of all workers. */
  private static final class Collecting extends Rows {
    private final Optional<ModelPage> page;
    private String device = "";

    Collecting(Report report, Optional<ModelPage> page) {
      super(report);
      this.page = page;
    }

    @Override
    public void facts(Map<String, Object> facts) {
      super.facts(facts);
      device = facts.get("device").toString();
    }

    /** A line a phase: each optimiser, chained and with single launches, side by side. */
    @Override
    String table(List<Map<String, Object>> rows) {
      Set<String> columns = new LinkedHashSet<>();
      Map<String, Map<String, String>> lines = new LinkedHashMap<>();
      List<Map<String, Object>> phases =
          rows.stream().filter(row -> !row.containsKey("kernel")).toList();
      for (Map<String, Object> row : phases) {
        String column = row.get("optimizer") + (row.get("chain").equals("on") ? "" : " single");
        columns.add(column);
        lines.computeIfAbsent(line(row), k -> new LinkedHashMap<>()).put(column, cell(row));
      }
      StringBuilder text = new StringBuilder("microseconds: median, 90th percentile\n");
      text.append("%-32s".formatted(""));
      columns.forEach(c -> text.append("%18s".formatted(c)));
      lines.forEach(
          (name, cells) -> {
            text.append("\n%-32s".formatted(name));
            columns.forEach(c -> text.append("%18s".formatted(cells.getOrDefault(c, "-"))));
          });
      text.append("\nphases: of the updates that have them, enqueued call by call\n");
      return text.append(new ModelledKernels(page, device).table(rows)).toString();
    }

    private static String line(Map<String, Object> row) {
      double share = ((Number) row.get("share")).doubleValue();
      return row.get("part") + (share < 1 ? " (%.0f %%)".formatted(100 * share) : "");
    }

    private static String cell(Map<String, Object> row) {
      return String.format(
          Locale.ROOT,
          "%.1f, %.1f",
          ((Number) row.get("medianMicroseconds")).doubleValue(),
          ((Number) row.get("ninetiethMicroseconds")).doubleValue());
    }
  }
}
