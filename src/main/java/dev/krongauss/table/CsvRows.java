package dev.krongauss.table;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.FieldMismatchStrategy;
import dev.krongauss.data.DataException;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;

/** The rows of a CSV file; every record has as many fields as there are columns. */
final class CsvRows implements RowPass {
  private final Path file;
  private final List<String> columns;
  private final CsvPass handler;
  private final CsvReader<Row> reader;
  private final Iterator<Row> rows;

  /**
   * @param in is closed with this
   */
  CsvRows(Path file, Reader in, char delimiter, List<String> columns, CsvPass handler) {
    this.file = file;
    this.columns = columns;
    this.handler = handler;
    reader = builder(delimiter).build(handler, in);
    rows = reader.iterator();
  }

  static CsvReader.CsvReaderBuilder builder(char delimiter) {
    return CsvReader.builder()
        .fieldSeparator(delimiter)
        .allowUnclosedQuote(false) // by default the rest of the file would be one field
        .extraFieldStrategy(FieldMismatchStrategy.IGNORE)
        .missingFieldStrategy(FieldMismatchStrategy.IGNORE);
  }

  @Override
  public boolean next() throws IOException {
    try {
      if (!rows.hasNext()) {
        return false;
      }
      rows.next();
    } catch (UncheckedIOException e) {
      throw CsvFile.explained(file, e.getCause(), row().line);
    } catch (CsvParseException e) {
      throw malformed(file, e);
    }
    if (handler.fields() != columns.size()) {
      throw ragged();
    }
    return true;
  }

  @Override
  public Row row() {
    return handler.row();
  }

  /** What FastCSV found, with the usual cause. */
  static IOException malformed(Path file, CsvParseException e) {
    return new DataException(
        Say.text(
            "%s: %s; a field that holds quotes is put in quotes, and quotes in it are doubled",
            file, e.getMessage()),
        e);
  }

  private IOException ragged() {
    int fields = handler.fields();
    String which =
        fields < columns.size()
            ? Say.text("column '%s' is the first that is missing", columns.get(fields))
            : Say.text("'%s' is the last column", columns.get(columns.size() - 1));
    return Say.problem(
        "%s, line %,d: %s, but there are %s (%s); is a delimiter within a field that is not in"
            + " quotes, or is the delimiter another one?",
        file, row().line, Say.count(fields, "field"), Say.count(columns.size(), "column"), which);
  }

  @Override
  public void close() throws IOException {
    reader.close();
  }
}
