package dev.krongauss.bench.run;

import de.siegmar.fastcsv.writer.CsvWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;

/** A table of a run folder that grows while a run goes: a killed run keeps what it has written. */
final class RowsFile implements AutoCloseable {
  private final Path file;
  private final CsvWriter writer;

  private RowsFile(Path file, CsvWriter writer) {
    this.file = file;
    this.writer = writer;
  }

  /**
   * Begins a table, with the rows that are kept of an older one.
   *
   * @throws IOException if it cannot be written
   */
  static RowsFile begin(Path file, List<String> columns, Stream<List<String>> kept)
      throws IOException {
    CsvFile.replace(file, columns, kept);
    return new RowsFile(file, CsvFile.append(file));
  }

  /**
   * Writes one row and hands it to the operating system.
   *
   * @throws UncheckedIOException if it cannot be written
   */
  void write(List<String> row) {
    writer.writeRecord(row);
    try {
      writer.flush();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
  }

  /**
   * Has the rows so far on the disk.
   *
   * @throws UncheckedIOException if that fails
   */
  void sync() {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.force(true);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot sync " + file, e);
    }
  }

  @Override
  public void close() throws IOException {
    writer.close();
  }
}
