package dev.krongauss.bench;

import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.LineDelimiter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** The folder that a run leaves behind, and its tables. */
final class RunFolder implements AutoCloseable {
  static final String METRICS = "metrics.csv";
  static final String SUMMARY = "summary.csv";
  static final String CONFIG = "config.json";
  static final String PAGE = "index.html";

  /**
   * Names of the {@link Picture}s, here since a runtime without graphics cannot load that class.
   */
  private static final List<String> PICTURES = List.of("objective-updates", "objective-seconds");

  private final Path folder;
  private final CsvWriter metrics;

  private RunFolder(Path folder, CsvWriter metrics) {
    this.folder = folder;
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
          : ("--out %s is not empty (%,d entries) and would be overwritten; give another folder, or"
                  + " --force to overwrite the run in it")
              .formatted(folder, count);
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
    Files.createDirectories(folder);
    for (String name : List.of(SUMMARY, CONFIG, PAGE)) {
      Files.deleteIfExists(folder.resolve(name));
    }
    for (String picture : PICTURES) {
      Files.deleteIfExists(folder.resolve(picture + ".png"));
      Files.deleteIfExists(folder.resolve(picture + ".svg"));
    }
    CsvWriter metrics = csv(folder.resolve(METRICS));
    metrics.writeRecord("optimizer", "update", "seconds", "objective", "sliding_mean");
    metrics.flush();
    return new RunFolder(folder, metrics);
  }

  Path file(String name) {
    return folder.resolve(name);
  }

  /** Writes one row and hands it to the operating system: a killed run keeps what it measured. */
  void write(OptimizerKind kind, Curve.Point point) {
    metrics.writeRecord(
        kind.toString(),
        Long.toString(point.update()),
        String.format(Locale.ROOT, "%.6f", point.seconds()),
        Double.toString(point.objective()),
        Double.toString(point.slidingMean()));
    try {
      metrics.flush();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file(METRICS), e);
    }
  }

  /** One row an optimiser: what the table at the end says, for programs. */
  void writeSummary(List<Curve> curves) throws IOException {
    try (CsvWriter csv = csv(file(SUMMARY))) {
      csv.writeRecord(
          "optimizer", "updates", "seconds", "ms_per_update", "objective", "best", "failure");
      for (Curve curve : curves) {
        csv.writeRecord(
            curve.kind().toString(),
            Long.toString(curve.updates()),
            String.format(Locale.ROOT, "%.6f", curve.seconds()),
            String.format(Locale.ROOT, "%.3f", curve.millisecondsPerUpdate()),
            Double.toString(curve.finalObjective()),
            Double.toString(curve.bestObjective()),
            curve.failure() == null ? "" : curve.failure());
      }
    }
  }

  private static CsvWriter csv(Path file) throws IOException {
    return CsvWriter.builder().lineDelimiter(LineDelimiter.LF).build(file);
  }

  @Override
  public void close() throws IOException {
    metrics.close();
  }

  @Override
  public String toString() {
    return folder.toString();
  }
}
