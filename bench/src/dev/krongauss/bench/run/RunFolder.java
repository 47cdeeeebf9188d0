package dev.krongauss.bench.run;

import dev.krongauss.bench.page.Curve;
import dev.krongauss.bench.page.HeldOut;
import dev.krongauss.io.WholeFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * The folder that a run leaves behind, and its tables. What is written whole is written beside and
 * renamed, so that a run killed at any moment leaves files that {@link RecordedRun} can read.
 */
public final class RunFolder implements AutoCloseable {
  /** A row an update. */
  public static final String METRICS = "metrics.csv";

  /** A row an evaluation on held-out rows. */
  public static final String EVALUATION = "evaluation.csv";

  /** A row a finished run. */
  public static final String SUMMARY = "summary.csv";

  /** A row a setting of the grid. */
  public static final String GRID = "grid.csv";

  /** Every option, version and seed. */
  public static final String CONFIG = "config.json";

  /** Pictures, tables and claims. */
  public static final String PAGE = "index.html";

  /** The folder of checkpoints and final weights. */
  public static final String CHECKPOINTS = "checkpoints";

  static final List<String> METRICS_COLUMNS =
      List.of("optimizer", "seed", "update", "seconds", "objective", "sliding_mean");

  /**
   * Names of the {@link dev.krongauss.bench.page.Picture}s, here since a runtime without graphics
   * cannot load that class.
   */
  private static final List<String> PICTURES = List.of("objective-updates", "objective-seconds");

  private final Path folder;
  private final RunLock lock;
  private final RowsFile metrics;
  private final RowsFile evaluation;

  private RunFolder(Path folder, RunLock lock, RowsFile metrics, RowsFile evaluation) {
    this.folder = folder;
    this.lock = lock;
    this.metrics = metrics;
    this.evaluation = evaluation;
  }

  /**
   * Why a run cannot be written to a folder, or null if it can.
   *
   * @throws IOException if the folder cannot be looked at
   */
  public static String obstacle(Path folder, boolean force) throws IOException {
    if (!Files.exists(folder) || force && Files.isDirectory(folder)) {
      return null;
    }
    if (!Files.isDirectory(folder)) {
      return "--out %s is a file; give a folder that is new or empty".formatted(folder);
    }
    try (Stream<Path> entries = Files.list(folder)) {
      long count = entries.count();
      return count == 0
          ? null
          : ("--out %s is not empty (%,d entries) and would be overwritten; give another folder,"
                  + " --resume %s to go on with the run in it, or --force to overwrite it")
              .formatted(folder, count, folder);
    }
  }

  /**
   * Makes the folder and begins its metrics. Files of an earlier run are overwritten or, if this
   * run may end without writing them, removed; nothing else in the folder is touched.
   *
   * @throws dev.krongauss.bench.RunException if another run writes to it
   * @throws IOException if it cannot be made or written
   */
  public static RunFolder create(Path folder) throws IOException {
    if (Files.exists(folder) && !Files.isDirectory(folder)) {
      throw new NotDirectoryException(folder.toString());
    }
    Path checkpoints = Files.createDirectories(folder.resolve(CHECKPOINTS));
    RunLock lock = RunLock.of(folder);
    for (String name : List.of(SUMMARY, CONFIG, PAGE, GRID)) {
      Files.deleteIfExists(folder.resolve(name));
    }
    for (String picture : PICTURES) {
      Files.deleteIfExists(folder.resolve(picture + ".png"));
      Files.deleteIfExists(folder.resolve(picture + ".svg"));
    }
    try (Stream<Path> old = Files.list(checkpoints)) {
      for (Path each : old.filter(RunFolder::isCheckpoint).toList()) {
        Files.delete(each);
      }
    }
    return withTables(folder, lock, List.of());
  }

  private static boolean isCheckpoint(Path file) {
    return file.toString().endsWith(".safetensors") || file.toString().endsWith(WholeFile.PART);
  }

  /**
   * Goes on in a folder.
   *
   * @param lock of the folder; released by {@link #close}
   * @param kept what of its metrics is kept: finished runs, and the others up to where they go on
   * @throws IOException if it cannot be written
   */
  public static RunFolder reopen(Path folder, RunLock lock, List<Curve> kept) throws IOException {
    return withTables(folder, lock, kept);
  }

  private static RunFolder withTables(Path folder, RunLock lock, List<Curve> kept)
      throws IOException {
    RowsFile metrics =
        RowsFile.begin(
            folder.resolve(METRICS),
            METRICS_COLUMNS,
            kept.stream().flatMap(curve -> curve.points().stream().map(p -> record(curve, p))));
    RowsFile evaluation =
        RowsFile.begin(
            folder.resolve(EVALUATION),
            EvaluationRow.COLUMNS,
            kept.stream()
                .flatMap(c -> c.heldOut().stream().map(each -> EvaluationRow.record(c, each))));
    return new RunFolder(folder, lock, metrics, evaluation);
  }

  /** The folder itself. */
  public Path path() {
    return folder;
  }

  /** A file or folder in it. */
  public Path file(String name) {
    return folder.resolve(name);
  }

  /** Where the state of a run is kept while it is not finished. */
  public Path checkpoint(Curve curve) {
    return checkpoint(folder, curve, "safetensors");
  }

  /** Where the weights of a finished run are. */
  public Path weights(Curve curve) {
    return checkpoint(folder, curve, "weights.safetensors");
  }

  static Path checkpoint(Path folder, Curve curve, String ending) {
    String name = "%s-seed%d.%s".formatted(curve.label(), curve.seed(), ending);
    return folder.resolve(CHECKPOINTS).resolve(name.replaceAll("[^A-Za-z0-9.=^-]", "_"));
  }

  /** Where the weights that were best on held-out rows are, with what a prediction needs. */
  public Path model(Curve curve) {
    return checkpoint(folder, curve, "model.safetensors");
  }

  /**
   * Writes one row and hands it to the operating system: a killed run keeps what it measured.
   *
   * @throws UncheckedIOException if it cannot be written
   */
  public void write(Curve curve, Curve.Point point) {
    metrics.write(record(curve, point));
  }

  /**
   * The same of weights that were evaluated on held-out rows.
   *
   * @throws UncheckedIOException if it cannot be written
   */
  public void write(Curve curve, HeldOut judged) {
    evaluation.write(EvaluationRow.record(curve, judged));
  }

  /**
   * Has the rows so far on the disk.
   *
   * @throws UncheckedIOException if that fails
   */
  public void sync() {
    metrics.sync();
    evaluation.sync();
  }

  private static List<String> record(Curve curve, Curve.Point point) {
    return List.of(
        curve.label(),
        Long.toString(curve.seed()),
        Long.toString(point.update()),
        String.format(Locale.ROOT, "%.6f", point.seconds()),
        Double.toString(point.objective()),
        Double.toString(point.slidingMean()));
  }

  /**
   * One row a finished run: what the table at the end says, for programs.
   *
   * @throws IOException if it cannot be written
   */
  public void writeSummary(List<Curve> curves) throws IOException {
    CsvFile.replace(
        file(SUMMARY),
        SummaryRow.COLUMNS,
        curves.stream().map(SummaryRow::of).map(SummaryRow::record));
  }

  /**
   * One row a setting of the grid that has been tried.
   *
   * @throws IOException if it cannot be written
   */
  public void writeGrid(List<GridResult> results) throws IOException {
    CsvFile.replace(file(GRID), GridResult.COLUMNS, results.stream().map(GridResult::record));
  }

  /**
   * The page, whole at any moment.
   *
   * @throws IOException if it cannot be written
   */
  public void writePage(String html) throws IOException {
    CsvFile.replace(file(PAGE), html);
  }

  /** Closes the tables and releases the folder. */
  @Override
  public void close() throws IOException {
    metrics.close();
    evaluation.close();
    lock.close();
  }

  @Override
  public String toString() {
    return folder.toString();
  }
}
