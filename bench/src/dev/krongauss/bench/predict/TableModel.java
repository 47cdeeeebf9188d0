package dev.krongauss.bench.predict;

import dev.krongauss.bench.RunException;
import dev.krongauss.net.ModelFile;
import dev.krongauss.table.Column;
import dev.krongauss.table.ColumnPlan;
import dev.krongauss.table.Task;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * A model that was trained from a table.
 *
 * @param plan how columns become its inputs and targets
 * @param residuals root mean squares of the residuals of rows held out, one a target of a
 *     regression, in its units; empty if none were
 */
record TableModel(ModelFile file, ColumnPlan plan, List<Double> residuals) {
  /**
   * Takes the columns from a model file.
   *
   * @throws RunException if it has none, or they do not fit its network
   */
  static TableModel of(Path path, ModelFile file) throws RunException {
    String columns = file.about().get(ModelFile.COLUMNS);
    if (columns == null) {
      throw new RunException(
          "%s was not trained from a table: it knows no columns; Network.load and predict take rows of its %d inputs"
              .formatted(path, file.sizes()[0]));
    }
    try {
      ColumnPlan plan = ColumnPlan.ofJson(columns);
      int[] sizes = file.sizes();
      if (plan.inputWidth() != sizes[0] || plan.outputs() != sizes[sizes.length - 1]) {
        throw new RunException(
            "%s: its columns make %d inputs and %d outputs, but its network has %d and %d; train it anew"
                .formatted(
                    path, plan.inputWidth(), plan.outputs(), sizes[0], sizes[sizes.length - 1]));
      }
      return new TableModel(file, plan, residuals(path, file, plan));
    } catch (IllegalArgumentException e) {
      throw new RunException(
          "%s: its columns cannot be read: %s; train it anew, or use the version that made it"
              .formatted(path, e.getMessage()));
    }
  }

  private static List<Double> residuals(Path path, ModelFile file, ColumnPlan plan)
      throws RunException {
    String text = file.about().get(ModelFile.RESIDUAL);
    if (text == null || plan.task() != Task.REGRESSION) {
      return List.of();
    }
    List<Double> values = Arrays.stream(text.split(",")).map(Double::valueOf).toList();
    if (values.size() != plan.targets().size()) {
      throw new RunException(
          "%s: it has %d residuals for %d targets; train it anew"
              .formatted(path, values.size(), plan.targets().size()));
    }
    return values;
  }

  Task task() {
    return plan.task();
  }

  /** The target column of classes, or one of a regression. */
  Column target(int k) {
    return plan.targets().get(k);
  }

  /** An output of a regression in the target's unit. */
  double value(float output, int k) {
    return target(k).mean() + target(k).deviation() * output;
  }
}
