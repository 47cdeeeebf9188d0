package dev.krongauss.table;

import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.ZipException;

/** A file of libsvm or svmlight: sparse rows, made dense. */
final class LibsvmSource implements TableSource {
  static final String WHAT = "the libsvm file";
  static final String TARGET = "label";
  private static final String FEATURE = "feature ";

  /** More than these would not be trained densely anyway. */
  private static final int MOST_FEATURES = 1 << 24;

  private final Path file;
  private final FileState state;
  private final int first;
  private final List<String> columns;
  private final int rows;
  private long beyond;

  private LibsvmSource(FileState state, int first, List<String> columns, int rows) {
    this.state = state;
    file = state.file();
    this.first = first;
    this.columns = columns;
    this.rows = rows;
  }

  static LibsvmSource open(Path file, TableOptions options) throws IOException {
    OptionalLibrary.FAST_DOUBLE_PARSER.require("libsvm files");
    FileState state = FileState.of(file);
    int greatest = -1;
    boolean zero = false;
    long rows = 0;
    try (Lines lines = new Lines(file)) {
      while (lines.next()) {
        LibsvmLine line = lines.line;
        if (line.count > 0) {
          zero |= line.indices[0] == 0;
          greatest = Math.max(greatest, line.indices[line.count - 1]);
        }
        rows++;
      }
    }
    if (rows == 0) {
      throw Say.problem("%s is empty; a libsvm file has rows of target index:value ...", file);
    }
    if (greatest < 0) {
      throw Say.problem("%s: no row has a feature, only targets; is it a libsvm file?", file);
    }
    if (greatest > MOST_FEATURES || rows > Memory.MOST_FLOATS) {
      throw Say.problem(
          "%s: %,d rows with indices up to %,d; rows are made dense here, and %,d features are the"
              + " most: choose some",
          file, rows, greatest, MOST_FEATURES);
    }
    return new LibsvmSource(state, zero ? 0 : 1, names(zero ? 0 : 1, greatest), (int) rows);
  }

  /** A later file: features as in the plan, and those beyond them ignored. */
  static LibsvmSource later(Path file, ColumnPlan plan) throws IOException {
    OptionalLibrary.FAST_DOUBLE_PARSER.require("libsvm files");
    int first = plan.fileColumns().get(1).equals(FEATURE + 0) ? 0 : 1;
    return new LibsvmSource(FileState.of(file), first, plan.fileColumns(), -1);
  }

  private static List<String> names(int first, int last) {
    List<String> names = new ArrayList<>();
    names.add(TARGET);
    for (int i = first; i <= last; i++) {
      names.add(FEATURE + i);
    }
    return List.copyOf(names);
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
    return List.of(TARGET);
  }

  @Override
  public int rows() {
    return rows;
  }

  @Override
  public String description() {
    return Say.text("libsvm, indices from %d, what is not there is 0", first);
  }

  @Override
  public Form form() {
    return Form.LIBSVM;
  }

  @Override
  public List<String> notes() {
    return beyond == 0
        ? List.of()
        : List.of(
            Say.text(
                "%s of features beyond '%s', which the training file did not have; ignored",
                Say.count(beyond, "value"), columns.get(columns.size() - 1)));
  }

  @Override
  public void requireUnchanged() throws IOException {
    state.requireSame();
  }

  @Override
  public RowPass pass(Cells[] cells) throws IOException {
    Lines lines = new Lines(file);
    Row row = new Row(columns.size());
    return new RowPass() {
      @Override
      public boolean next() throws IOException {
        if (!lines.next()) {
          return false;
        }
        fill(row, lines);
        return true;
      }

      @Override
      public Row row() {
        return row;
      }

      @Override
      public void close() throws IOException {
        lines.close();
      }
    };
  }

  private void fill(Row row, Lines lines) throws IOException {
    LibsvmLine line = lines.line;
    row.line = lines.number;
    Arrays.fill(row.numbers, 0);
    row.numbers[0] = line.target;
    for (int i = 0; i < line.count; i++) {
      int column = 1 + line.indices[i] - first;
      if (column < 1) {
        throw Say.problem(
            "%s, line %,d: index 0, and the indices of the training file begin at 1; add 1 to all",
            file, lines.number);
      }
      if (column < columns.size()) {
        row.numbers[column] = line.values[i];
      } else {
        beyond++;
      }
    }
  }

  /** The lines that are rows. */
  private static final class Lines implements AutoCloseable {
    private final Path file;
    private final BufferedReader in;
    private final LibsvmLine line;
    private long number;

    Lines(Path file) throws IOException {
      this.file = file;
      in = new BufferedReader(CsvFile.characters(file, WHAT));
      line = new LibsvmLine(file);
    }

    boolean next() throws IOException {
      try {
        for (String text = in.readLine(); text != null; text = in.readLine()) {
          if (line.parse(text, ++number)) {
            return true;
          }
        }
        return false;
      } catch (EOFException | ZipException | CharacterCodingException e) {
        throw CsvFile.explained(file, e, number);
      }
    }

    @Override
    public void close() throws IOException {
      in.close();
    }
  }
}
