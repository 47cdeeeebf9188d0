package dev.krongauss.table;

import dev.krongauss.data.DataException;
import dev.krongauss.table.Column.Kind;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Makes rows of a file into rows of a plan. */
final class Encoder {
  private final String file;
  private final ColumnPlan plan;
  private final int width;

  /** Positions in the file of the plan's inputs and targets; a target may be absent: -1. */
  private final int[] inputs;

  private final int[] targets;
  private final CategoryCode[] inputCodes;
  private final CategoryCode[] targetCodes;

  Encoder(String file, ColumnPlan plan, int[] inputs, int[] targets) {
    this.file = file;
    this.plan = plan;
    this.inputs = inputs;
    this.targets = targets;
    width = plan.inputWidth();
    inputCodes = codes(plan.inputs());
    targetCodes = codes(plan.targets());
  }

  private static CategoryCode[] codes(List<Column> columns) {
    return columns.stream()
        .map(column -> column.kind() == Kind.NUMBER ? null : new CategoryCode(column))
        .toArray(CategoryCode[]::new);
  }

  /** Positions of columns among those of a file; -1 where they are not. */
  static int[] positions(List<Column> wanted, List<String> columns) {
    Map<String, Integer> positions = new HashMap<>();
    for (int c = 0; c < columns.size(); c++) {
      positions.putIfAbsent(columns.get(c), c);
    }
    return wanted.stream().mapToInt(c -> positions.getOrDefault(c.name(), -1)).toArray();
  }

  /** How the cells of such a file are to be read. */
  TableSource.Cells[] cells(int columns) {
    TableSource.Cells[] cells = new TableSource.Cells[columns];
    Arrays.fill(cells, TableSource.Cells.SKIP);
    mark(cells, inputs, inputCodes);
    mark(cells, targets, targetCodes);
    return cells;
  }

  private static void mark(TableSource.Cells[] cells, int[] positions, CategoryCode[] codes) {
    for (int i = 0; i < positions.length; i++) {
      if (positions[i] >= 0) {
        cells[positions[i]] = codes[i] == null ? TableSource.Cells.ANY : TableSource.Cells.TEXT;
      }
    }
  }

  /** Writes the {@code inputWidth} values of a row, over whatever is there. */
  void inputs(Row row, float[] into, int begin) throws DataException {
    Arrays.fill(into, begin, begin + width, 0);
    int at = begin;
    for (int i = 0; i < inputs.length; i++) {
      Column column = plan.inputs().get(i);
      int position = inputs[i];
      boolean missing = row.kinds[position] == Row.MISSING;
      if (!missing && inputCodes[i] == null) {
        into[at] = standardised(row, position, column);
      } else if (!missing) {
        int index = inputCodes[i].index(row, position);
        if (index >= 0) {
          into[at + index] = 1;
        }
      }
      at += column.width();
      if (column.indicator()) {
        into[at - 1] = missing ? 1 : 0;
      }
    }
  }

  /** A target of a regression, as it is trained on; it is there. */
  float standardisedTarget(Row row, int index) throws DataException {
    return standardised(row, targets[index], plan.targets().get(index));
  }

  private float standardised(Row row, int position, Column column) throws DataException {
    double value = number(row, position, column);
    float z = (float) ((value - column.mean()) / column.deviation());
    if (!Float.isFinite(z)) {
      throw Say.problem(
          "%s, %s, column '%s': %s is out of range beside mean %s and deviation %s of the"
              + " training rows; correct it, or write %s",
          file,
          plan.form().place(row.line),
          column.name(),
          value,
          column.mean(),
          column.deviation(),
          plan.form().missing());
    }
    return z;
  }

  private double number(Row row, int position, Column column) throws DataException {
    if (row.kinds[position] == Row.TEXT) {
      throw Say.problem(
          "%s, %s, column '%s': %s is text, and the column has numbers; correct it, or write"
              + " NA if it is missing",
          file, plan.form().place(row.line), column.name(), Say.quoted(row.texts[position]));
    }
    if (Double.isInfinite(row.numbers[position])) {
      throw Say.problem(
          "%s, %s, column '%s': the value is infinite; write it as missing (%s), or drop the row",
          file, plan.form().place(row.line), column.name(), plan.form().missing());
    }
    return row.numbers[position];
  }

  /** The target's value in its own unit, or the number of its class; NaN: missing or unknown. */
  double target(Row row, int index) throws DataException {
    int position = targets[index];
    if (row.kinds[position] == Row.MISSING) {
      return Double.NaN;
    }
    if (targetCodes[index] == null) {
      return number(row, position, plan.targets().get(index));
    }
    int found = targetCodes[index].index(row, position);
    return found < 0 ? Double.NaN : found;
  }

  /** What was said about categories that the plan does not know. */
  List<String> notes() {
    return Stream.concat(Arrays.stream(inputCodes), Arrays.stream(targetCodes))
        .filter(code -> code != null && code.unknown() > 0)
        .map(CategoryCode::note)
        .toList();
  }
}
