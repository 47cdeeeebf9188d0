package dev.krongauss.bench.predict;

import dev.krongauss.table.Task;
import java.util.Locale;

/** Scores of predictions whose targets are known, in memory that has a limit, whatever the rows. */
abstract class TableScores {
  private final TableModel model;
  private long missing;

  private TableScores(TableModel model) {
    this.model = model;
  }

  /** Those that fit the task. */
  static TableScores of(TableModel model) {
    return model.task() == Task.REGRESSION ? new Values(model) : new Classes(model);
  }

  /**
   * Adds rows.
   *
   * @param outputs of the network {@code [n][outputs]}
   * @param targets {@code [n][plan.targets()]}, as {@code table.RowReader} gives them
   */
  void add(float[] outputs, double[] targets, int n) {
    int width = model.plan().outputs();
    int columns = model.plan().targets().size();
    for (int row = 0; row < n; row++) {
      boolean known = true;
      for (int k = 0; k < columns; k++) {
        known &= !Double.isNaN(targets[row * columns + k]);
      }
      if (known) {
        add(outputs, row * width, targets, row * columns);
      } else {
        missing++;
      }
    }
  }

  abstract void add(float[] outputs, int first, double[] targets, int firstTarget);

  abstract long rows();

  abstract String scores();

  /** A line, or more for several targets. */
  @Override
  public String toString() {
    String left = missing == 0 ? "" : format(", %,d rows without a known target left out", missing);
    return rows() == 0
        ? "no scores: no row has a known target" + left
        : format("scores of %,d row%s: %s%s", rows(), rows() == 1 ? "" : "s", scores(), left);
  }

  private static String format(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }

  /** RMSE of each target in its unit, and R²: the mean of the targets that are not constant. */
  private static final class Values extends TableScores {
    private final TableModel model;
    private final double[] squares;
    private final double[] mean;
    private final double[] spread;
    private long rows;

    Values(TableModel model) {
      super(model);
      this.model = model;
      int targets = model.plan().targets().size();
      squares = new double[targets];
      mean = new double[targets];
      spread = new double[targets];
    }

    @Override
    void add(float[] outputs, int first, double[] targets, int firstTarget) {
      rows++;
      for (int k = 0; k < mean.length; k++) {
        double target = targets[firstTarget + k];
        double error = model.value(outputs[first + k], k) - target;
        squares[k] += error * error;
        double before = target - mean[k]; // Welford's sums
        mean[k] += before / rows;
        spread[k] += before * (target - mean[k]);
      }
    }

    @Override
    long rows() {
      return rows;
    }

    @Override
    String scores() {
      double r2 = 0;
      int varying = 0;
      StringBuilder each = new StringBuilder();
      for (int k = 0; k < mean.length; k++) {
        if (spread[k] > 0) {
          varying++;
          r2 += 1 - squares[k] / spread[k];
        }
        String of = mean.length == 1 ? "" : " of " + model.target(k).name();
        each.append(format("RMSE%s %.6g, ", of, rms(k)));
      }
      return each
          + "R2 "
          + (varying == 0 ? "none, constant targets" : format("%.5g", r2 / varying));
    }

    private double rms(int k) {
      return Math.sqrt(squares[k] / rows);
    }
  }

  /** Log loss in nats, from logits, accuracy and AUC. */
  private static final class Classes extends TableScores {
    private final int outputs;
    private final RocAreas areas;
    private double loss;
    private long right;
    private long rows;

    Classes(TableModel model) {
      super(model);
      outputs = model.plan().outputs();
      areas = new RocAreas(outputs);
    }

    @Override
    void add(float[] logits, int first, double[] targets, int firstTarget) {
      rows++;
      int target = (int) targets[firstTarget];
      areas.add(logits, first, target);
      if (outputs == 1) {
        double h = target == 1 ? logits[first] : -logits[first];
        loss += Math.max(-h, 0) + Math.log1p(Math.exp(-Math.abs(h)));
        right += (logits[first] > 0 ? 1 : 0) == target ? 1 : 0;
      } else {
        int best = best(logits, first);
        double sum = 0;
        for (int k = 0; k < outputs; k++) {
          sum += Math.exp((double) logits[first + k] - logits[first + best]);
        }
        loss += Math.log(sum) - ((double) logits[first + target] - logits[first + best]);
        right += best == target ? 1 : 0;
      }
    }

    private int best(float[] logits, int first) {
      int best = 0;
      for (int k = 1; k < outputs; k++) {
        best = logits[first + k] > logits[first + best] ? k : best;
      }
      return best;
    }

    @Override
    long rows() {
      return rows;
    }

    @Override
    String scores() {
      double area = areas.mean();
      return format("log loss %.6g, accuracy %.5f", loss / rows, right / (double) rows)
          + (Double.isNaN(area) ? "" : format(", AUC %.5g", area));
    }
  }
}
