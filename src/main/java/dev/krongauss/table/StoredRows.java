package dev.krongauss.table;

import dev.krongauss.data.RowSplit;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Rows of a table of plain numbers, kept as floats at their final place while they are surveyed for
 * the first time, so that no second pass is needed: each as x - shift, the shift being the first
 * row's value. Standardising later adds at most 2^-24 |x - shift| / deviation of error, and it is
 * refused where the shift is far from the mean.
 */
final class StoredRows {
  /** Deviations that the first row's value may be away from the mean. */
  private static final double MOST_DEVIATIONS = 8;

  private static final int BLOCK_ROWS = 1 << 12;

  private final int[] inputs;
  private final int[] targets;
  private final double[] shift;
  private final Encoded encoded;

  StoredRows(int columns, int[] inputs, int[] targets, RowSplit split) {
    this.inputs = inputs;
    this.targets = targets;
    shift = new double[columns];
    encoded = new Encoded(split, inputs.length, targets.length);
  }

  /** Bytes that the arrays take. */
  static long bytes(RowSplit split, int inputs, int targets) {
    return 4L * split.size() * (inputs + targets);
  }

  /** Takes the first row's values to be subtracted. */
  void begin(Row first) {
    System.arraycopy(first.numbers, 0, shift, 0, shift.length);
  }

  /**
   * Keeps a row; false if it is not plain finite numbers: then nothing here is of use any more.
   * Different rows may come from different threads.
   *
   * @param at number of the row among the training or among the held-out rows
   */
  boolean put(Row cells, boolean held, int at) {
    return keep(cells, inputs, encoded.inputs(held), at)
        && keep(cells, targets, encoded.targets(held), at);
  }

  private boolean keep(Row cells, int[] columns, float[] into, int at) {
    int begin = at * columns.length;
    int kinds = 0;
    boolean finite = true;
    for (int i = 0; i < columns.length; i++) {
      int c = columns[i];
      kinds |= cells.kinds[c];
      float kept = (float) (cells.numbers[c] - shift[c]);
      into[begin + i] = kept;
      finite &= Math.abs(kept) <= Float.MAX_VALUE;
    }
    return finite && kinds == Row.NUMBER;
  }

  /** Whether these rows become those of a plan by standardising alone. */
  boolean fits(ColumnPlan plan) {
    if (plan.inputs().size() != inputs.length) {
      return false;
    }
    for (int i = 0; i < inputs.length; i++) {
      Column column = plan.inputs().get(i);
      if (column.indicator() || !isNear(column, shift[inputs[i]])) {
        return false;
      }
    }
    if (plan.task() != Task.REGRESSION) {
      return Classes.distinguishable(numbers(plan.targets().get(0)), shift[targets[0]]);
    }
    for (int i = 0; i < targets.length; i++) {
      if (!isNear(plan.targets().get(i), shift[targets[i]])) {
        return false;
      }
    }
    return true;
  }

  private static boolean isNear(Column column, double shift) {
    return column.kind() == Column.Kind.NUMBER
        && Math.abs(shift - column.mean()) <= MOST_DEVIATIONS * column.deviation();
  }

  /**
   * The rows, encoded in place; classes by their numbers. Null where one comes out of a float's
   * range: then nothing here is of use any more, and a second pass names it.
   */
  Encoded encode(ColumnPlan plan, double[] classWeights) {
    if (!standardise(plan.inputs(), inputs, encoded.inputs(false))
        || !standardise(plan.inputs(), inputs, encoded.inputs(true))) {
      return null;
    }
    if (plan.task() == Task.REGRESSION) {
      boolean finite =
          standardise(plan.targets(), targets, encoded.targets(false))
              && standardise(plan.targets(), targets, encoded.targets(true));
      return finite ? encoded : null;
    }
    double[] classes = numbers(plan.targets().get(0));
    Classes coder = new Classes(plan, classWeights);
    return encoded.withTargets(
        coder.encode(encoded.targets(false), shift[targets[0]], classes),
        coder.encode(encoded.targets(true), shift[targets[0]], classes),
        coder.width());
  }

  /** In the order of the classes, which may be turned for a positive one that was named. */
  private static double[] numbers(Column target) {
    return target.categories().stream().mapToDouble(Double::parseDouble).toArray();
  }

  /** Whether all came out finite. */
  private boolean standardise(List<Column> columns, int[] positions, float[] values) {
    int width = positions.length;
    double[] back = new double[width];
    double[] deviation = new double[width];
    for (int i = 0; i < width; i++) {
      back[i] = shift[positions[i]] - columns.get(i).mean();
      deviation[i] = columns.get(i).deviation();
    }
    int rows = values.length / width;
    int blocks = (rows + BLOCK_ROWS - 1) / BLOCK_ROWS;
    return IntStream.range(0, blocks)
        .parallel()
        .allMatch(
            block -> {
              boolean finite = true;
              int end = Math.min(rows, (block + 1) * BLOCK_ROWS) * width;
              for (int begin = block * BLOCK_ROWS * width; begin < end; begin += width) {
                for (int i = 0; i < width; i++) {
                  float z = (float) ((values[begin + i] + back[i]) / deviation[i]);
                  values[begin + i] = z;
                  finite &= Math.abs(z) <= Float.MAX_VALUE;
                }
              }
              return finite;
            });
  }
}
