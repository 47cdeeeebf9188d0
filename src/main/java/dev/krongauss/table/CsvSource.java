package dev.krongauss.table;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import dev.krongauss.data.DataException;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A CSV or TSV file. */
final class CsvSource implements TableSource {
  static final String WHAT = "the CSV file";
  private static final int SAMPLE = 1 << 16;

  private final Path file;
  private final FileState state;
  private final char delimiter;
  private final boolean header;
  private final List<String> columns;
  private final long segmentBytes;
  private List<Segment> segments;

  private CsvSource(
      FileState state, char delimiter, boolean header, List<String> columns, long segmentBytes) {
    this.segmentBytes = segmentBytes;
    this.state = state;
    file = state.file();
    this.delimiter = delimiter;
    this.header = header;
    this.columns = columns;
  }

  /** Through {@link Formats#csv}: this class cannot be loaded without FastCSV. */
  static CsvSource open(Path file, TableOptions options) throws IOException {
    char delimiter = options.delimiter == 0 ? delimiter(file) : options.delimiter;
    FileState state = FileState.of(file);
    List<List<String>> first = firstRecords(file, delimiter);
    if (first.isEmpty()) {
      throw Say.problem("%s is empty; a CSV file has a header and rows", file);
    }
    boolean header = options.header != TableOptions.Header.NO;
    List<String> columns = header ? named(file, first.get(0)) : numbered(first.get(0).size());
    if (options.header == TableOptions.Header.EXPECTED) {
      requireHeader(file, first.get(0));
    }
    if (header && first.size() < 2 && options.rowsNeeded) {
      throw Say.problem(
          "%s has a header only (%s), no rows; if that line is data, say noHeader()",
          file, Names.listed(columns));
    }
    return new CsvSource(state, delimiter, header, columns, options.segmentBytes);
  }

  private static char delimiter(Path file) throws IOException {
    char[] sample = new char[SAMPLE];
    int size = 0;
    try (Reader in = CsvFile.characters(file, WHAT)) {
      for (int count = 0; count >= 0 && size < SAMPLE; size += Math.max(count, 0)) {
        count = in.read(sample, size, SAMPLE - size);
      }
    } catch (DataException e) {
      throw e;
    } catch (IOException e) {
      throw CsvFile.explained(file, e, 0);
    }
    return Delimiter.of(new String(sample, 0, size), size < SAMPLE);
  }

  /** The first two records at most. */
  private static List<List<String>> firstRecords(Path file, char delimiter) throws IOException {
    List<List<String>> records = new ArrayList<>();
    try (CsvReader<CsvRecord> reader =
        CsvRows.builder(delimiter).ofCsvRecord(CsvFile.characters(file, WHAT))) {
      for (CsvRecord record : reader) {
        records.add(record.getFields());
        if (records.size() == 2) {
          break;
        }
      }
    } catch (UncheckedIOException e) {
      throw CsvFile.explained(file, e.getCause(), 0);
    } catch (CsvParseException e) {
      throw CsvRows.malformed(file, e);
    }
    return records;
  }

  private static List<String> named(Path file, List<String> fields) throws DataException {
    List<String> names = new ArrayList<>();
    Map<String, Integer> first = new HashMap<>();
    for (int c = 0; c < fields.size(); c++) {
      String name = fields.get(c).strip();
      names.add(name.isEmpty() ? "column " + (c + 1) : name);
      Integer before = first.putIfAbsent(names.get(c), c);
      if (before != null) {
        throw Say.problem(
            "%s, line 1: columns %,d and %,d are both called '%s'; rename one",
            file, before + 1, c + 1, names.get(c));
      }
    }
    return List.copyOf(names);
  }

  private static List<String> numbered(int count) {
    List<String> names = new ArrayList<>();
    for (int c = 1; c <= count; c++) {
      names.add("column " + c);
    }
    return List.copyOf(names);
  }

  /** A header of nothing but numbers that do not count columns looks like data. */
  private static void requireHeader(Path file, List<String> fields) throws DataException {
    boolean counts = true;
    double begin = Double.NaN;
    for (int c = 0; c < fields.size(); c++) {
      var number = Numbers.parse(fields.get(c).strip());
      if (number.isEmpty()) {
        return;
      }
      begin = c == 0 ? number.getAsDouble() : begin;
      counts &= number.getAsDouble() == begin + c;
    }
    if (!counts || fields.size() == 1) {
      throw Say.problem(
          "%s, line 1: all fields are numbers (%s), as in a row; say noHeader(), or header() if"
              + " these are the columns' names",
          file, Names.listed(fields));
    }
  }

  @Override
  public String name() {
    return file.toString();
  }

  @Override
  public List<String> columns() {
    return columns;
  }

  @Override
  public List<String> defaultTargets() {
    return columns.subList(columns.size() - 1, columns.size());
  }

  @Override
  public int rows() throws IOException {
    long records;
    try (InputStream in = CsvFile.rawBytes(file, WHAT)) {
      RecordCount count = RecordCount.of(in, delimiter, segmentBytes);
      records = count.records() - (header ? 1 : 0);
      segments = CsvFile.isPacked(file) ? null : count.segments(header ? 1 : 0);
    } catch (DataException e) {
      throw e;
    } catch (IOException e) {
      throw CsvFile.explained(file, e, 0);
    }
    if (records > Integer.MAX_VALUE - 8) {
      throw Say.problem(
          "%s has %,d rows, and %,d are the most; read fewer",
          file, records, Integer.MAX_VALUE - 8);
    }
    return (int) records;
  }

  @Override
  public String description() {
    String separator =
        switch (delimiter) {
          case '\t' -> "tab";
          case ',' -> "comma";
          case ';' -> "semicolon";
          default -> "'" + delimiter + "'";
        };
    return Say.text("CSV, delimiter %s, %s", separator, header ? "with a header" : "no header");
  }

  @Override
  public Form form() {
    return header ? Form.CSV : Form.CSV_WITHOUT_HEADER;
  }

  @Override
  public void requireUnchanged() throws IOException {
    state.requireSame();
  }

  @Override
  public RowPass pass(Cells[] cells) throws IOException {
    return new CsvRows(
        file, CsvFile.characters(file, WHAT), delimiter, columns, new CsvPass(cells, header, 0));
  }

  @Override
  public List<Segment> segments() {
    return segments == null || segments.size() == 1 ? null : segments;
  }

  @Override
  public RowPass pass(Cells[] cells, Segment segment) throws IOException {
    boolean skip = header && segment.firstRow() == 0;
    return new CsvRows(
        file,
        CsvFile.characters(file, segment),
        delimiter,
        columns,
        new CsvPass(cells, skip, segment.linesBefore()));
  }
}
