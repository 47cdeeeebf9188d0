package dev.krongauss.table;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Two arrays of NumPy, side by side; or the inputs alone. */
final class NpySource implements TableSource {
  private static final int BLOCK_VALUES = 1 << 16;

  private final NpyArray inputs;

  /** Null: there are none. */
  private final NpyArray targets;

  private final List<String> columns;
  private final List<String> targetNames;

  private NpySource(NpyArray inputs, NpyArray targets) {
    this.inputs = inputs;
    this.targets = targets;
    targetNames = targets == null ? List.of() : names("target", targets.columns);
    columns = new ArrayList<>(numbered("input", inputs.columns));
    columns.addAll(targetNames);
  }

  static NpySource open(Path inputs, Path targets, TableOptions options) throws IOException {
    NpySource source = new NpySource(NpyArray.open(inputs), NpyArray.open(targets));
    if (source.inputs.rows != source.targets.rows) {
      throw Say.problem(
          "%s has %,d rows and %s %,d; each row of inputs has one of targets",
          inputs, source.inputs.rows, targets, source.targets.rows);
    }
    return source;
  }

  static NpySource inputsAlone(Path inputs) throws IOException {
    return new NpySource(NpyArray.open(inputs), null);
  }

  /** {@code label}, or {@code label 1} and so on. */
  static List<String> names(String name, int count) {
    return count == 1 ? List.of(name) : numbered(name, count);
  }

  static List<String> numbered(String name, int count) {
    List<String> names = new ArrayList<>();
    for (int i = 1; i <= count; i++) {
      names.add(name + " " + i);
    }
    return names;
  }

  @Override
  public String name() {
    return inputs.file.toString();
  }

  @Override
  public List<String> columns() {
    return columns;
  }

  @Override
  public List<String> defaultTargets() {
    return targetNames;
  }

  @Override
  public List<String> onlyTargets() {
    return targetNames;
  }

  @Override
  public int rows() {
    return inputs.rows;
  }

  @Override
  public String description() {
    return targets == null
        ? Say.text("NumPy, %s [n][%d]", inputs.type, inputs.columns)
        : Say.text(
            "NumPy, %s [n][%d], targets %s %s [n][%d]",
            inputs.type, inputs.columns, targets.file, targets.type, targets.columns);
  }

  @Override
  public Form form() {
    return Form.NPY;
  }

  @Override
  public void requireUnchanged() throws IOException {
    inputs.state.requireSame();
    if (targets != null) {
      targets.state.requireSame();
    }
  }

  @Override
  public RowPass pass(Cells[] cells) throws IOException {
    return new Pass();
  }

  private final class Pass implements RowPass {
    private final Row row = new Row(columns.size());
    private final Part left = new Part(inputs, 0);
    private final Part right = targets == null ? null : new Part(targets, inputs.columns);
    private int next;

    Pass() throws IOException {}

    @Override
    public boolean next() throws IOException {
      if (next == inputs.rows) {
        return false;
      }
      left.fill(row, next);
      if (right != null) {
        right.fill(row, next);
      }
      row.line = next++;
      return true;
    }

    @Override
    public Row row() {
      return row;
    }

    @Override
    public void close() throws IOException {
      left.close();
      if (right != null) {
        right.close();
      }
    }
  }

  /** One of the arrays, of which a block is held. */
  private static final class Part implements Closeable {
    private final NpyArray array;
    private final NpyArray.Blocks blocks;
    private final int firstColumn;
    private final int blockRows;
    private final double[] block;
    private int begin;
    private int end;

    Part(NpyArray array, int firstColumn) throws IOException {
      this.array = array;
      this.firstColumn = firstColumn;
      blockRows = Math.max(1, Math.min(array.rows, BLOCK_VALUES / array.columns));
      block = new double[blockRows * array.columns];
      blocks = array.new Blocks();
    }

    void fill(Row row, int wanted) throws IOException {
      if (wanted == end) {
        begin = end;
        end = Math.min(array.rows, begin + blockRows);
        blocks.read(begin, end - begin, block);
      }
      int from = (wanted - begin) * array.columns;
      for (int c = 0; c < array.columns; c++) {
        double value = block[from + c];
        row.numbers[firstColumn + c] = value;
        row.kinds[firstColumn + c] = Double.isNaN(value) ? Row.MISSING : Row.NUMBER;
      }
    }

    @Override
    public void close() throws IOException {
      blocks.close();
    }
  }
}
