package dev.krongauss.bench.run;

import com.fasterxml.jackson.jr.ob.JSON;
import de.siegmar.fastcsv.reader.NamedCsvRecord;
import dev.krongauss.bench.RunException;
import dev.krongauss.bench.page.Curve;
import dev.krongauss.io.Checkpoint;
import dev.krongauss.io.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a run folder tells of a run that ended or was stopped, at whatever moment: its options, the
 * settings of the grid that have been tried, finished runs, and the rows of the others.
 */
public final class RecordedRun {
  /** The part of a checkpoint that says how far its run was. */
  public static final String RUN = "run";

  /** Updates made, in that part. */
  public static final String UPDATES = "updates";

  /** Evaluations on held-out rows, in that part; not in checkpoints from before there were any. */
  public static final String EVALUATIONS = "evaluations";

  private final Path folder;
  private final Map<String, Object> config;
  private final List<Curve> curves;
  private final Map<String, SummaryRow> finished;
  private final List<GridResult> grid;

  private RecordedRun(
      Path folder,
      Map<String, Object> config,
      List<Curve> curves,
      Map<String, SummaryRow> finished,
      List<GridResult> grid) {
    this.folder = folder;
    this.config = config;
    this.curves = curves;
    this.finished = finished;
    this.grid = grid;
  }

  /**
   * Reads a folder; a table that is not there is empty.
   *
   * @throws RunException if there is no run in it, or a table lacks a column
   * @throws IOException if it cannot be read
   */
  public static RecordedRun read(Path folder) throws IOException {
    Path config = folder.resolve(RunFolder.CONFIG);
    if (!Files.isRegularFile(config)) {
      throw new RunException(
          "%s: there is no run in it (no %s); give the folder that a bench/compare has left"
              .formatted(folder, RunFolder.CONFIG));
    }
    Map<String, Curve> curves = curves(folder);
    Map<String, SummaryRow> finished = new LinkedHashMap<>();
    for (NamedCsvRecord each : CsvFile.read(folder.resolve(RunFolder.SUMMARY), SummaryRow.NEEDED)) {
      SummaryRow row = SummaryRow.of(each);
      String key = key(row.optimizer(), row.seed());
      finished.put(key, row);
      // One that failed before its first update has no row in the metrics.
      curves.computeIfAbsent(key, k -> new Curve(row.optimizer(), row.seed()));
    }
    List<GridResult> grid = new ArrayList<>();
    for (NamedCsvRecord each : CsvFile.read(folder.resolve(RunFolder.GRID), GridResult.COLUMNS)) {
      grid.add(GridResult.of(each));
    }
    return new RecordedRun(
        folder,
        JSON.std.mapFrom(Files.readString(config)),
        List.copyOf(curves.values()),
        finished,
        grid);
  }

  /**
   * Copies what {@link #read} and {@link #stopped} take, and the checkpoints of stopped runs, into
   * a new folder.
   *
   * @throws IOException if it cannot be read or written
   */
  public static void copy(Path from, Path to) throws IOException {
    List<Path> files = new ArrayList<>();
    for (String name :
        List.of(
            RunFolder.CONFIG,
            RunFolder.METRICS,
            RunFolder.EVALUATION,
            RunFolder.SUMMARY,
            RunFolder.GRID)) {
      files.add(Path.of(name));
    }
    for (Curve curve : read(from).stopped()) {
      files.add(from.relativize(RunFolder.checkpoint(from, curve, "safetensors")));
    }
    Files.createDirectories(to.resolve(RunFolder.CHECKPOINTS));
    for (Path file : files) {
      if (Files.exists(from.resolve(file))) {
        Files.copy(from.resolve(file), to.resolve(file));
      }
    }
  }

  /** {@code config.json}: options, network, versions, device and what else it depended on. */
  public Map<String, Object> config() {
    return config;
  }

  /** Settings of the grid whose runs have ended. */
  public List<GridResult> grid() {
    return grid;
  }

  /** {@code summary.csv}: how the runs that have come to their end did. */
  public List<SummaryRow> summary() {
    return List.copyOf(finished.values());
  }

  /** Runs that have come to their end, with all of their rows. */
  public List<Curve> finished() {
    List<Curve> done = new ArrayList<>();
    for (Curve curve : curves) {
      SummaryRow end = finished.get(key(curve.label(), curve.seed()));
      if (end != null) {
        if (end.failure() != null) {
          curve.failed(end.failure());
        }
        curve.evaluated(end.evaluated(), end.averaged());
        done.add(curve);
      }
    }
    return done;
  }

  /**
   * Runs that were stopped, cut to the update where their checkpoint goes on.
   *
   * @throws RunException if a checkpoint is damaged, or the table has lost rows of one
   * @throws IOException if one cannot be read
   */
  public List<Curve> stopped() throws IOException {
    List<Curve> cut = new ArrayList<>();
    for (Curve curve : curves) {
      if (finished.containsKey(key(curve.label(), curve.seed()))) {
        continue;
      }
      Path checkpoint = RunFolder.checkpoint(folder, curve, "safetensors");
      if (Files.isRegularFile(checkpoint)) {
        cut.add(cut(curve, checkpoint));
      }
    }
    return cut;
  }

  private static Curve cut(Curve curve, Path checkpoint) throws IOException {
    long updates;
    long evaluations;
    try {
      Map<String, String> texts = Checkpoint.texts(checkpoint);
      updates = Long.parseLong(texts.get(RUN + "." + UPDATES));
      evaluations = Long.parseLong(texts.getOrDefault(RUN + "." + EVALUATIONS, "0"));
    } catch (CheckpointException e) {
      throw unusable(checkpoint, e);
    }
    requireRows(updates, curve.points().size(), RunFolder.METRICS, UPDATES, curve, checkpoint);
    requireRows(
        evaluations, curve.heldOut().size(), RunFolder.EVALUATION, EVALUATIONS, curve, checkpoint);
    Curve cut = new Curve(curve.label(), curve.seed());
    curve.points().stream()
        .limit(updates)
        .forEach(point -> cut.add(point.seconds(), point.objective()));
    curve.heldOut().stream().limit(evaluations).forEach(cut::add);
    return cut;
  }

  private static void requireRows(
      long needed, long found, String table, String what, Curve curve, Path checkpoint)
      throws RunException {
    if (needed > found) {
      throw new RunException(
          ("%s has %,d %s, but %s only %,d rows of %s; the table was changed or damaged: delete the"
                  + " checkpoint to start that run anew")
              .formatted(checkpoint, needed, what, table, found, curve.label()));
    }
  }

  /** A checkpoint that cannot be gone on from, with the way out. */
  public static RunException unusable(Path checkpoint, CheckpointException e) {
    return new RunException(
        "%s; delete %s to start that run anew".formatted(e.getMessage(), checkpoint));
  }

  private static Map<String, Curve> curves(Path folder) throws IOException {
    Map<String, Curve> curves = new LinkedHashMap<>();
    for (NamedCsvRecord each :
        CsvFile.read(folder.resolve(RunFolder.METRICS), RunFolder.METRICS_COLUMNS)) {
      String label = each.getField("optimizer");
      long seed = Long.parseLong(each.getField("seed"));
      Curve curve = curves.computeIfAbsent(key(label, seed), k -> new Curve(label, seed));
      curve.add(
          Double.parseDouble(each.getField("seconds")),
          Double.parseDouble(each.getField("objective")));
    }
    for (NamedCsvRecord each :
        CsvFile.read(folder.resolve(RunFolder.EVALUATION), EvaluationRow.COLUMNS)) {
      Curve curve =
          curves.get(key(each.getField("optimizer"), Long.parseLong(each.getField("seed"))));
      if (curve != null) { // else the table of updates has lost it, and it begins anew
        curve.add(EvaluationRow.of(each));
      }
    }
    return curves;
  }

  private static String key(String label, long seed) {
    return label + " " + seed;
  }
}
