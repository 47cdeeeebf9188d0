package dev.krongauss.bench.run;

import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.NamedCsvRecord;
import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.LineDelimiter;
import dev.krongauss.bench.RunException;
import dev.krongauss.io.WholeFile;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;

/** The tables of a run folder: UTF-8, lines that end in LF, names of the columns first. */
final class CsvFile {
  private CsvFile() {}

  /**
   * The whole lines of a table: of a last one that a kill has cut, nothing can be known. None where
   * there is no such file.
   *
   * @param columns that it must have
   * @throws RunException if a column is missing
   * @throws IOException if it cannot be read
   */
  static List<NamedCsvRecord> read(Path file, List<String> columns) throws IOException {
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
              "%s has no column %s: it was made by a version that could not go on with a run; run"
                      .formatted(file, column)
                  + " its command anew, into another folder");
        }
      }
      return rows;
    }
  }

  /**
   * Replaces a table in one step.
   *
   * @throws IOException if it cannot be written
   */
  static void replace(Path file, List<String> columns, Stream<List<String>> rows)
      throws IOException {
    StringWriter text = new StringWriter();
    try (CsvWriter csv = CsvWriter.builder().lineDelimiter(LineDelimiter.LF).build(text)) {
      csv.writeRecord(columns);
      rows.forEach(csv::writeRecord);
    }
    replace(file, text.toString());
  }

  /**
   * A writer that adds rows to a table.
   *
   * @throws IOException if there is no such file
   */
  static CsvWriter append(Path file) throws IOException {
    return CsvWriter.builder()
        .lineDelimiter(LineDelimiter.LF)
        .build(file, StandardCharsets.UTF_8, StandardOpenOption.APPEND);
  }

  /** Replaces a file in one step: it is the old one or the new one, whole. */
  static void replace(Path file, String text) throws IOException {
    WholeFile.replace(
        file, channel -> WholeFile.write(channel, StandardCharsets.UTF_8.encode(text)));
  }
}
