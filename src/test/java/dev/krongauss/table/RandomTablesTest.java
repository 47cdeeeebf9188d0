package dev.krongauss.table;

import static dev.krongauss.table.TableFiles.quiet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Tables made at random, written in many ways and read again, against a slow encoding in double.
 */
final class RandomTablesTest {
  private static final double EPS = 0x1p-24;

  @TempDir Path folder;

  static IntStream seeds() {
    return IntStream.range(0, 120);
  }

  /** The columns of the oracle: values of all rows, encoded by training rows. */
  private static double[][] oracle(RandomTable table, int column, int[] training) {
    List<double[]> values = new ArrayList<>();
    boolean missing = false;
    TreeSet<String> words = new TreeSet<>();
    List<Double> numbers = new ArrayList<>();
    for (int row : training) {
      Object cell = table.cells[row][column];
      missing |= cell == null;
      if (cell instanceof String word) {
        words.add(word);
      } else if (cell != null) {
        numbers.add((Double) cell);
      }
    }
    if (words.isEmpty()) {
      double mean = numbers.stream().mapToDouble(v -> v).sum() / numbers.size();
      double squares = numbers.stream().mapToDouble(v -> (v - mean) * (v - mean)).sum();
      double deviation = Math.sqrt(squares / numbers.size());
      values.add(
          column(table, column, cell -> cell == null ? 0 : ((Double) cell - mean) / deviation));
    }
    for (String word : words) {
      values.add(column(table, column, cell -> word.equals(cell) ? 1 : 0));
    }
    if (missing) {
      values.add(column(table, column, cell -> cell == null ? 1 : 0));
    }
    return values.toArray(double[][]::new);
  }

  private static double[] column(RandomTable table, int column, ToDoubleFunction<Object> code) {
    return IntStream.range(0, table.rows)
        .mapToDouble(row -> code.applyAsDouble(table.cells[row][column]))
        .toArray();
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void asTheOracleHasIt(int seed) throws IOException {
    RandomTable table = new RandomTable(seed);
    int[] order = IntStream.range(0, table.columns()).toArray();
    Path file = table.write(folder.resolve("t.csv"), order);
    Tabular read =
        quiet(Tabular.csv(file))
            .target(table.targetName())
            .task(Task.REGRESSION)
            .heldOut(seed % 3 * 0.2)
            .seed(seed)
            .read();
    int width = read.plan().inputWidth();
    int at = 0;
    for (int c = 0; c < table.columns() - 1; c++) {
      for (double[] wanted : oracle(table, c, read.trainingRows())) {
        assertColumn(read.training().inputs(), at, width, wanted, read.trainingRows(), seed);
        if (read.heldOut().isPresent()) {
          float[] held = read.heldOut().get().inputs();
          assertColumn(held, at, width, wanted, read.heldOutRows(), seed);
        }
        at++;
      }
    }
    assertThat(at).as("seed %d", seed).isEqualTo(width);
    double[] targets = oracle(table, table.columns() - 1, read.trainingRows())[0];
    assertColumn(read.training().targets(), 0, 1, targets, read.trainingRows(), seed);
    assertPermutedIsTheSame(table, read, order, seed);
  }

  /**
   * A value is rounded once as x - shift, |x - shift| / deviation being |z| + 8 at most, and once
   * as z; mean and deviation of the oracle are off by n eps of double of values up to 1e6
   * deviations, which is below 1e-7.
   */
  private static void assertColumn(
      float[] values, int column, int width, double[] wanted, int[] rows, int seed) {
    assertThat(values).hasSize(rows.length * width);
    for (int n = 0; n < rows.length; n++) {
      double z = wanted[rows[n]];
      assertThat((double) values[n * width + column])
          .as("seed %d, row %d, column %d", seed, rows[n], column)
          .isCloseTo(z, within(EPS * (2 * Math.abs(z) + 8) + 1e-7));
    }
  }

  /** A later file with the columns in another order, one more, and maybe no target. */
  private void assertPermutedIsTheSame(RandomTable table, Tabular read, int[] order, int seed)
      throws IOException {
    List<Integer> turned = new ArrayList<>(IntStream.of(order).boxed().toList());
    Collections.shuffle(turned, new Random(seed));
    boolean without = seed % 2 == 0;
    if (without) {
      turned.remove(Integer.valueOf(table.columns() - 1));
    }
    Path later =
        table.write(
            folder.resolve("later.csv"), turned.stream().mapToInt(Integer::intValue).toArray());
    ColumnPlan plan = ColumnPlan.ofJson(read.plan().toJson());
    assertThat(plan).isEqualTo(read.plan());
    int width = plan.inputWidth();
    float[] wanted = new float[table.rows * width];
    copy(read.training().inputs(), read.trainingRows(), wanted, width);
    read.heldOut().ifPresent(d -> copy(d.inputs(), read.heldOutRows(), wanted, width));
    try (RowReader rows = RowReader.of(plan, later)) {
      assertThat(rows.next()).isTrue();
      assertThat(rows.rows()).isEqualTo(table.rows);
      assertThat(rows.hasTargets()).isEqualTo(!without);
      for (int i = 0; i < wanted.length; i++) {
        double bound = EPS * (2 * Math.abs(wanted[i]) + 9);
        assertThat((double) rows.inputs()[i])
            .as("seed %d", seed)
            .isCloseTo(wanted[i], within(bound));
      }
      for (int n = 0; n < table.rows && !without; n++) {
        assertThat(rows.targets()[n]).isEqualTo(table.number(n, table.columns() - 1));
      }
      assertThat(rows.next()).isFalse();
    }
  }

  private static void copy(float[] from, int[] rows, float[] to, int width) {
    for (int n = 0; n < rows.length; n++) {
      System.arraycopy(from, n * width, to, rows[n] * width, width);
    }
  }
}
