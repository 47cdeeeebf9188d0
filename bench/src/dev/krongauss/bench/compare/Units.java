package dev.krongauss.bench.compare;

import dev.krongauss.bench.page.HeldOut;
import dev.krongauss.bench.peers.PeerEvaluation;
import dev.krongauss.bench.problem.ProblemData;
import dev.krongauss.table.Task;
import dev.krongauss.train.Scores;

/**
 * Scores on held-out rows as tables and pages show them.
 *
 * @param deviation what the one target of a regression was divided by; several have no common unit
 *     and stay standardised: 1, as where there is none
 * @param rightOrWrong whether outputs are that; an autoencoder's are not
 */
record Units(double deviation, boolean rightOrWrong) {
  static Units of(ProblemData rows) {
    return new Units(
        rows.table()
            .map(each -> each.plan())
            .filter(plan -> plan.task() == Task.REGRESSION && plan.targets().size() == 1)
            .map(plan -> plan.targets().get(0).deviation())
            .orElse(1.0),
        !rows.training().isAutoencoder());
  }

  /** Of our own weights behind an update. */
  HeldOut heldOut(long update, double seconds, boolean averaged, Scores scores) {
    return new HeldOut(
        update,
        seconds,
        averaged,
        scores.objective(),
        deviation * scores.rmse(),
        scores.r2(),
        scores.logLoss(),
        ifRightOrWrong(scores.accuracy()),
        ifRightOrWrong(scores.auc()));
  }

  /** Of a peer's. */
  HeldOut heldOut(PeerEvaluation row) {
    return new HeldOut(
        row.update(),
        row.seconds(),
        false,
        row.objective(),
        deviation * row.rmse(),
        row.r2(),
        row.logLoss(),
        ifRightOrWrong(row.accuracy()),
        ifRightOrWrong(row.auc()));
  }

  private double ifRightOrWrong(double value) {
    return rightOrWrong ? value : Double.NaN;
  }
}
