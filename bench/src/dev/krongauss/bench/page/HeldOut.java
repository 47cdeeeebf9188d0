package dev.krongauss.bench.page;

/**
 * How good weights were on rows that are not trained on, off the clock. What a loss does not have
 * is NaN.
 *
 * @param update behind which they were evaluated
 * @param seconds of training up to then
 * @param averaged whether they are the averages that the optimiser keeps, not its last weights
 * @param objective mean loss of a row, as training has it
 * @param rmse root mean squared error, in the target's units where there is one target
 * @param r2 coefficient of determination
 * @param logLoss in nats
 * @param accuracy share that is right
 * @param auc area under the ROC curve
 */
public record HeldOut(
    long update,
    double seconds,
    boolean averaged,
    double objective,
    double rmse,
    double r2,
    double logLoss,
    double accuracy,
    double auc) {
  /** Whether the objective is lower than another one; NaN never is, and any number beats NaN. */
  boolean betterThan(HeldOut other) {
    return objective < other.objective || Double.isNaN(other.objective) && !Double.isNaN(objective);
  }
}
