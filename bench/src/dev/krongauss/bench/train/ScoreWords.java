package dev.krongauss.bench.train;

import dev.krongauss.table.Column;
import dev.krongauss.table.ColumnPlan;
import dev.krongauss.table.Task;
import dev.krongauss.train.Scores;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Scores as a user reads them.
 *
 * @param plan of the table
 */
record ScoreWords(ColumnPlan plan) {
  /** Errors of a regression in the targets' own units. */
  Scores inUnits(Scores scores) {
    return plan.task() == Task.REGRESSION
        ? scores.in(plan.targets().stream().mapToDouble(Column::deviation).toArray())
        : scores;
  }

  /** The values that there are; several targets have units of their own, and no RMSE in common. */
  String said(Scores scores) {
    List<Scores.Target> targets = scores.targets();
    if (targets.size() < 2) {
      return scores.toString();
    }
    double none = Double.NaN;
    StringBuilder text = new StringBuilder();
    text.append(
        new Scores(
            scores.objective(),
            scores.datapoints(),
            none,
            scores.r2(),
            scores.logLoss(),
            scores.accuracy(),
            scores.auc(),
            targets));
    for (int k = 0; k < targets.size(); k++) {
      String name = plan.targets().get(k).name();
      text.append(String.format(Locale.ROOT, "; RMSE of %s %.5g", name, targets.get(k).rmse()));
    }
    return text.toString();
  }

  /** The root mean square of the residuals of each target, for the model file. */
  static String residual(Scores scores) {
    return scores.targets().stream()
        .map(target -> Double.toString(target.rmse()))
        .collect(Collectors.joining(","));
  }
}
