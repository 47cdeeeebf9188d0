package dev.krongauss.table;

import dev.krongauss.data.Idx;
import dev.krongauss.data.IdxType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Two IDX files, side by side; or the inputs alone. */
final class IdxSource implements TableSource {
  private static final int WHITE = 255;

  private final Path file;
  private final Idx inputs;

  /** Null: there are none. */
  private final Idx labels;

  private final boolean transposed;
  private final List<String> columns;
  private final List<String> labelNames;

  private IdxSource(Path file, Idx inputs, Idx labels, boolean transposed) {
    this.file = file;
    this.inputs = inputs;
    this.labels = labels;
    this.transposed = transposed;
    labelNames = labels == null ? List.of() : NpySource.names("label", labels.width());
    columns = new ArrayList<>(NpySource.numbered("pixel", inputs.width()));
    columns.addAll(labelNames);
  }

  static IdxSource open(Path inputs, Path labels, TableOptions options) throws IOException {
    Idx items = read(inputs, options.transposed);
    Idx targets = Idx.readAny(labels);
    if (items.count() != targets.count()) {
      throw Say.problem(
          "%s has %,d items and %s %,d; each item has one label: are they of one set?",
          inputs, items.count(), labels, targets.count());
    }
    if (targets.width() > 1 && options.targets.isEmpty()) {
      throw Say.problem(
          "%s has %,d labels an item; say target(\"label 1\") or another: QMNIST's class is the"
              + " first",
          labels, targets.width());
    }
    return new IdxSource(inputs, items, targets, options.transposed);
  }

  /** The inputs alone: bytes where training had bytes, which were divided by 255, else others. */
  static IdxSource later(Path inputs, boolean transposed, ColumnPlan plan) throws IOException {
    IdxSource source = new IdxSource(inputs, read(inputs, transposed), null, transposed);
    boolean bytes = plan.inputs().stream().allMatch(c -> c.mean() == 0 && c.deviation() == WHITE);
    if (bytes != (source.divisor() > 0)) {
      throw Say.problem(
          "%s has values of type %s, and the training file had %s; write it as that one was",
          inputs,
          source.type(),
          bytes ? "unsigned bytes, 0 to 255" : "another type than unsigned bytes");
    }
    return source;
  }

  private String type() {
    return inputs.type().name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  private static Idx read(Path file, boolean transposed) throws IOException {
    Idx idx = Idx.readAny(file);
    return transposed ? idx.transposed() : idx;
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
    return labelNames.size() == 1 ? labelNames : List.of();
  }

  @Override
  public List<String> onlyTargets() {
    return labelNames;
  }

  @Override
  public int rows() {
    return inputs.count();
  }

  @Override
  public String description() {
    int[] shape = inputs.shape();
    String sizes =
        Arrays.stream(shape).skip(1).mapToObj(Integer::toString).collect(Collectors.joining(" x "));
    String turned =
        shape.length < 3
            ? ""
            : transposed
                ? ", transposed"
                : " (if these are images that lie on their side, as EMNIST's, say transposed())";
    return Say.text(
        "IDX, %s of %s an item%s", type(), sizes.isEmpty() ? "one value" : sizes, turned);
  }

  @Override
  public Form form() {
    return transposed ? Form.IDX_TRANSPOSED : Form.IDX;
  }

  @Override
  public double divisor() {
    return inputs.type() == IdxType.UNSIGNED_BYTE ? WHITE : 0;
  }

  @Override
  public RowPass pass(Cells[] cells) {
    Row row = new Row(columns.size());
    return new RowPass() {
      private int next;

      @Override
      public boolean next() {
        if (next == inputs.count()) {
          return false;
        }
        fill(row, 0, inputs, next);
        if (labels != null) {
          fill(row, inputs.width(), labels, next);
        }
        row.line = next++;
        return true;
      }

      @Override
      public Row row() {
        return row;
      }

      @Override
      public void close() {}
    };
  }

  private static void fill(Row row, int firstColumn, Idx from, int item) {
    int width = from.width();
    for (int i = 0; i < width; i++) {
      double value = from.number(item, i);
      row.numbers[firstColumn + i] = value;
      row.kinds[firstColumn + i] = Double.isNaN(value) ? Row.MISSING : Row.NUMBER;
    }
  }
}
