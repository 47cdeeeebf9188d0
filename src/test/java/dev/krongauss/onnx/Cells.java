package dev.krongauss.onnx;

import dev.krongauss.table.Column;
import dev.krongauss.table.ColumnPlan;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** Cells of a table, drawn for a plan, and their encoding, written down once more. */
final class Cells {
  private static final double MISSING = 0.2;
  private static final double UNKNOWN = 0.1;

  private final ColumnPlan plan;
  private final int N;
  private final Map<String, double[]> numbers = new HashMap<>();
  private final Map<String, String[]> texts = new HashMap<>();

  /** Numbers are floats, some missing; categories are known, missing or unknown. */
  Cells(ColumnPlan plan, int N) {
    this(plan, N, true);
  }

  Cells(ColumnPlan plan, int N, boolean floats) {
    this.plan = plan;
    this.N = N;
    SplittableRandom random = new SplittableRandom(N);
    for (Column column : plan.inputs()) {
      if (column.kind() == Column.Kind.NUMBER) {
        double[] cells = new double[N];
        Arrays.setAll(cells, n -> number(random, column, floats));
        numbers.put(column.name(), cells);
      } else {
        String[] cells = new String[N];
        Arrays.setAll(cells, n -> text(random, column));
        texts.put(column.name(), cells);
      }
    }
  }

  private static double number(SplittableRandom random, Column column, boolean floats) {
    if (random.nextDouble() < MISSING) {
      return Double.NaN;
    }
    double x = column.mean() + column.deviation() * (4 * random.nextDouble() - 2);
    return floats ? (float) x : x;
  }

  private static String text(SplittableRandom random, Column column) {
    double draw = random.nextDouble();
    if (draw < MISSING) {
      return "";
    }
    List<String> categories = column.categories();
    return draw < MISSING + UNKNOWN
        ? categories.get(0) + "?"
        : categories.get(random.nextInt(categories.size()));
  }

  /** As the model takes them. */
  Map<String, Object> inputs(boolean doubles) {
    Map<String, Object> inputs = new HashMap<>(texts);
    numbers.forEach((name, cells) -> inputs.put(name, doubles ? cells : floats(cells)));
    return inputs;
  }

  double[] numbers(String column) {
    return numbers.get(column);
  }

  /** As the plan says, in double and rounded once: [N][inputWidth]. */
  float[] encoded() {
    float[] rows = new float[N * plan.inputWidth()];
    for (int n = 0; n < N; n++) {
      List<Double> row = new ArrayList<>();
      for (Column column : plan.inputs()) {
        if (column.kind() == Column.Kind.NUMBER) {
          number(row, column, numbers.get(column.name())[n]);
        } else {
          text(row, column, texts.get(column.name())[n]);
        }
      }
      for (int i = 0; i < row.size(); i++) {
        rows[n * row.size() + i] = row.get(i).floatValue();
      }
    }
    return rows;
  }

  private static void number(List<Double> row, Column column, double x) {
    row.add(Double.isNaN(x) ? 0 : (x - column.mean()) / column.deviation());
    if (column.indicator()) {
      row.add(Double.isNaN(x) ? 1.0 : 0);
    }
  }

  private static void text(List<Double> row, Column column, String text) {
    column.categories().forEach(category -> row.add(category.equals(text) ? 1.0 : 0));
    if (column.indicator()) {
      row.add(text.isEmpty() ? 1.0 : 0);
    }
  }

  private static float[] floats(double[] cells) {
    float[] floats = new float[cells.length];
    for (int n = 0; n < cells.length; n++) {
      floats[n] = (float) cells[n];
    }
    return floats;
  }
}
