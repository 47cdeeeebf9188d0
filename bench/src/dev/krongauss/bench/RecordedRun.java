package dev.krongauss.bench;

import com.fasterxml.jackson.jr.ob.JSON;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.NamedCsvRecord;
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
 * What a run folder tells of a run that was stopped, at whatever moment: its options, the settings
 * of the grid that have been tried, finished runs, and the rows of the others.
 */
final class RecordedRun {
  /** The part of a checkpoint that says how far its run was. */
  static final String RUN = "run";

  /** Updates made, in that part. */
  static final String UPDATES = "updates";

  private final Path folder;
  private final Map<String, Object> config;
  private final List<Curve> curves;
  private final Map<String, String> finished;
  private final List<Grid.Result> grid;

  private RecordedRun(
      Path folder,
      Map<String, Object> config,
      List<Curve> curves,
      Map<String, String> finished,
      List<Grid.Result> grid) {
    this.folder = folder;
    this.config = config;
    this.curves = curves;
    this.finished = finished;
    this.grid = grid;
  }

  /**
   * Reads a folder.
   *
   * @throws RunException if there is no run in it
   */
  static RecordedRun read(Path folder) throws IOException {
    Path config = folder.resolve(RunFolder.CONFIG);
    if (!Files.isRegularFile(config)) {
      throw new RunException(
          "--resume %s: there is no run in it (no %s); give the folder of a run that was stopped"
              .formatted(folder, RunFolder.CONFIG));
    }
    Map<String, Curve> curves = curves(folder);
    Map<String, String> finished = new LinkedHashMap<>();
    for (NamedCsvRecord each : rows(folder.resolve(RunFolder.SUMMARY), "seed", "failure")) {
      finished.put(key(each), each.getField("failure"));
      // One that failed before its first update has no row in the metrics.
      curves.computeIfAbsent(key(each), k -> empty(each));
    }
    List<Grid.Result> grid = new ArrayList<>();
    for (NamedCsvRecord each : rows(folder.resolve(RunFolder.GRID), "halve_percent")) {
      grid.add(Grid.Result.of(each));
    }
    return new RecordedRun(
        folder,
        JSON.std.mapFrom(Files.readString(config)),
        List.copyOf(curves.values()),
        finished,
        grid);
  }

  /** {@code config.json}. */
  Map<String, Object> config() {
    return config;
  }

  /** Settings of the grid whose runs have ended. */
  List<Grid.Result> grid() {
    return grid;
  }

  /** Runs that have come to their end, with all of their rows. */
  List<Curve> finished() {
    List<Curve> done = new ArrayList<>();
    for (Curve curve : curves) {
      String failure = finished.get(key(curve.label(), curve.seed()));
      if (failure != null) {
        if (!failure.isEmpty()) {
          curve.failed(failure);
        }
        done.add(curve);
      }
    }
    return done;
  }

  /** Runs that were stopped, cut to the update where their checkpoint goes on. */
  List<Curve> stopped() throws IOException {
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

  private static Curve empty(NamedCsvRecord each) {
    return new Curve(each.getField("optimizer"), Long.parseLong(each.getField("seed")));
  }

  private static Curve cut(Curve curve, Path checkpoint) throws IOException {
    long updates;
    try {
      updates = Long.parseLong(Checkpoint.texts(checkpoint).get(RUN + "." + UPDATES));
    } catch (CheckpointException e) {
      throw unusable(checkpoint, e);
    }
    if (updates > curve.updates()) {
      throw new RunException(
          "%s has %,d updates, but %s only %,d rows of %s; the table was changed or damaged: delete the checkpoint to start that run anew"
              .formatted(checkpoint, updates, RunFolder.METRICS, curve.updates(), curve.label()));
    }
    Curve cut = new Curve(curve.label(), curve.seed());
    curve.points().stream()
        .limit(updates)
        .forEach(point -> cut.add(point.seconds(), point.objective()));
    return cut;
  }

  /** A checkpoint that cannot be gone on from, with the way out. */
  static RunException unusable(Path checkpoint, CheckpointException e) {
    return new RunException(
        "%s; delete %s to start that run anew".formatted(e.getMessage(), checkpoint));
  }

  private static Map<String, Curve> curves(Path folder) throws IOException {
    Map<String, Curve> curves = new LinkedHashMap<>();
    for (NamedCsvRecord each : rows(folder.resolve(RunFolder.METRICS), "seed")) {
      Curve curve =
          curves.computeIfAbsent(
              key(each),
              k -> new Curve(each.getField("optimizer"), Long.parseLong(each.getField("seed"))));
      curve.add(
          Double.parseDouble(each.getField("seconds")),
          Double.parseDouble(each.getField("objective")));
    }
    return curves;
  }

  /** The whole lines: of a last one that a kill has cut, nothing can be known. */
  private static List<NamedCsvRecord> rows(Path file, String... columns) throws IOException {
    if (!Files.isRegularFile(file)) {
      return List.of();
    }
    String text = Files.readString(file);
    String whole = text.substring(0, text.lastIndexOf('\n') + 1);
    try (CsvReader<NamedCsvRecord> reader = CsvReader.builder().ofNamedCsvRecord(whole)) {
      List<NamedCsvRecord> rows = reader.stream().toList();
      for (String column : columns) {
        if (!rows.isEmpty() && rows.get(0).findField(column).isEmpty()) {
          throw new RunException(
              "%s has no column %s: it was made by a version that could not go on with a run"
                  .formatted(file, column));
        }
      }
      return rows;
    }
  }

  private static String key(NamedCsvRecord each) {
    return key(each.getField("optimizer"), Long.parseLong(each.getField("seed")));
  }

  private static String key(String label, long seed) {
    return label + " " + seed;
  }
}
