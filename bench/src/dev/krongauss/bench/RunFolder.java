package dev.krongauss.bench;

import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.LineDelimiter;
import dev.krongauss.io.WholeFile;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * The folder that a run leaves behind, and its tables. What is written whole is written beside and
 * renamed, so that a run killed at any moment leaves files that {@link RecordedRun} can read.
 */
final class RunFolder implements AutoCloseable {
  static final String METRICS = "metrics.csv";
  static final String SUMMARY = "summary.csv";
  static final String GRID = "grid.csv";
  static final String CONFIG = "config.json";
  static final String PAGE = "index.html";
  static final String CHECKPOINTS = "checkpoints";

  static final List<String> METRICS_COLUMNS =
      List.of("optimizer", "seed", "update", "seconds", "objective", "sliding_mean");

  /**
   * Names of the {@link Picture}s, here since a runtime without graphics cannot load that class.
   */
  private static final List<String> PICTURES = List.of("objective-updates", "objective-seconds");

  private final Path folder;
  private final RunLock lock;
  private final CsvWriter metrics;

  private RunFolder(Path folder, RunLock lock, CsvWriter metrics) {
    this.folder = folder;
    this.lock = lock;
    this.metrics = metrics;
  }

  /**
   * Why a run cannot be written to a folder, or null if it can.
   *
   * @throws IOException if the folder cannot be looked at
   */
  static String obstacle(Path folder, boolean force) throws IOException {
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
   */
  static RunFolder create(Path folder) throws IOException {
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
    return withMetrics(folder, lock, List.of());
  }

  private static boolean isCheckpoint(Path file) {
    return file.toString().endsWith(".safetensors") || file.toString().endsWith(WholeFile.PART);
  }

  /**
   * Goes on in a folder.
   *
   * @param lock of the folder; released by {@link #close}
   * @param kept what of its metrics is kept: finished runs, and the others up to where they go on
   */
  static RunFolder reopen(Path folder, RunLock lock, List<Curve> kept) throws IOException {
    return withMetrics(folder, lock, kept);
  }

  private static RunFolder withMetrics(Path folder, RunLock lock, List<Curve> kept)
      throws IOException {
    StringWriter text = new StringWriter();
    try (CsvWriter csv = csv(text)) {
      csv.writeRecord(METRICS_COLUMNS);
      for (Curve curve : kept) {
        curve.points().forEach(point -> csv.writeRecord(record(curve, point)));
      }
    }
    Path file = folder.resolve(METRICS);
    replace(file, text.toString());
    return new RunFolder(
        folder,
        lock,
        CsvWriter.builder()
            .lineDelimiter(LineDelimiter.LF)
            .build(file, StandardCharsets.UTF_8, StandardOpenOption.APPEND));
  }

  Path file(String name) {
    return folder.resolve(name);
  }

  /** Where the state of a run is kept while it is not finished. */
  Path checkpoint(Curve curve) {
    return checkpoint(folder, curve, "safetensors");
  }

  /** Where the weights of a finished run are. */
  Path weights(Curve curve) {
    return checkpoint(folder, curve, "weights.safetensors");
  }

  static Path checkpoint(Path folder, Curve curve, String ending) {
    String name = "%s-seed%d.%s".formatted(curve.label(), curve.seed(), ending);
    return folder.resolve(CHECKPOINTS).resolve(name.replaceAll("[^A-Za-z0-9.=^-]", "_"));
  }

  /** Writes one row and hands it to the operating system: a killed run keeps what it measured. */
  void write(Curve curve, Curve.Point point) {
    metrics.writeRecord(record(curve, point));
    try {
      metrics.flush();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file(METRICS), e);
    }
  }

  /** Has the rows so far on the disk. */
  void sync() {
    try (FileChannel channel = FileChannel.open(file(METRICS), StandardOpenOption.WRITE)) {
      channel.force(true);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot sync " + file(METRICS), e);
    }
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

  /** One row a finished run: what the table at the end says, for programs. */
  void writeSummary(List<Curve> curves) throws IOException {
    StringWriter text = new StringWriter();
    try (CsvWriter csv = csv(text)) {
      csv.writeRecord(
          "optimizer",
          "seed",
          "updates",
          "seconds",
          "ms_per_update",
          "objective",
          "best",
          "failure");
      for (Curve curve : curves) {
        csv.writeRecord(
            curve.label(),
            Long.toString(curve.seed()),
            Long.toString(curve.updates()),
            String.format(Locale.ROOT, "%.6f", curve.seconds()),
            String.format(Locale.ROOT, "%.3f", curve.millisecondsPerUpdate()),
            Double.toString(curve.finalObjective()),
            Double.toString(curve.bestObjective()),
            curve.failure() == null ? "" : curve.failure());
      }
    }
    replace(file(SUMMARY), text.toString());
  }

  /** One row a setting of the grid that has been tried. */
  void writeGrid(List<Grid.Result> results) throws IOException {
    StringWriter text = new StringWriter();
    try (CsvWriter csv = csv(text)) {
      csv.writeRecord(Grid.Result.COLUMNS);
      results.forEach(result -> csv.writeRecord(result.record()));
    }
    replace(file(GRID), text.toString());
  }

  /** Replaces a file in one step: it is the old one or the new one, whole. */
  static void replace(Path file, String text) throws IOException {
    WholeFile.replace(
        file, channel -> WholeFile.write(channel, StandardCharsets.UTF_8.encode(text)));
  }

  private static CsvWriter csv(StringWriter text) {
    return CsvWriter.builder().lineDelimiter(LineDelimiter.LF).build(text);
  }

  @Override
  public void close() throws IOException {
    metrics.close();
    lock.close();
  }

  @Override
  public String toString() {
    return folder.toString();
  }
}
