package dev.krongauss.train;

import dev.krongauss.device.Check;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * How good a network's outputs are on the rows of a data set. What a loss does not have is NaN:
 * {@code rmse} and {@code r2} belong to the squared loss; {@code logLoss}, {@code accuracy} and
 * {@code auc} to the Bernoulli loss, the softmax and the mixture; losses of one's own have the
 * objective alone. With {@code Loss.weighted} everything is a mean with the weights of the
 * datapoints.
 *
 * @param objective mean loss of a datapoint without an L2 term, as the optimisers report it: with
 *     weights Σ w E over the number of rows
 * @param datapoints rows that were evaluated
 * @param rmse root of the mean squared error over all datapoints and targets
 * @param r2 mean of the targets' coefficients of determination, constant targets left out
 * @param logLoss mean loss of a datapoint, its outputs summed; with weights Σ w E over Σ w
 * @param accuracy share that is right: of single outputs at a probability of 0.5 (Bernoulli,
 *     mixture), of datapoints whose greatest output is the right class (softmax)
 * @param auc area under the ROC curve, equal scores counted half; the mean over the outputs or
 *     classes that have both kinds of targets, NaN where none has or where targets are grey
 * @param targets of the squared loss, one a target, in order; empty for other losses
 */
public record Scores(
    double objective,
    long datapoints,
    double rmse,
    double r2,
    double logLoss,
    double accuracy,
    double auc,
    List<Target> targets) {

  /**
   * One target under the squared loss.
   *
   * @param rmse root of its mean squared error
   * @param r2 1 − Σ e² / Σ (t − mean)² over these rows; NaN where the target is constant
   */
  public record Target(double rmse, double r2) {}

  /** Takes a copy of the list. */
  public Scores {
    targets = List.copyOf(targets);
  }

  /** Scores of a loss that has no other ones. */
  static Scores of(double objective, long datapoints) {
    double none = Double.NaN;
    return new Scores(objective, datapoints, none, none, none, none, none, List.of());
  }

  /**
   * The same with root mean squared errors in the targets' own units, where the network was trained
   * on (t − mean) / deviation. Nothing else has a unit, and the objective stays what was trained.
   *
   * @param deviations one a target
   * @throws IllegalArgumentException if their number differs, or one is not positive and finite
   */
  public Scores in(double[] deviations) {
    Check.that(
        deviations.length == targets.size(),
        "%d deviations for the scores of %d targets; give one a target (other losses than the"
            + " squared one have none)",
        deviations.length,
        targets.size());
    List<Target> scaled = new ArrayList<>();
    double squares = 0;
    for (int i = 0; i < deviations.length; i++) {
      double deviation = deviations[i];
      Check.that(
          deviation > 0 && Double.isFinite(deviation),
          "the deviation of target %d is %s; give what the target was divided by",
          i + 1,
          deviation);
      Target target = targets.get(i);
      scaled.add(new Target(deviation * target.rmse, target.r2));
      squares += deviation * target.rmse * deviation * target.rmse;
    }
    double all = Math.sqrt(squares / deviations.length);
    return new Scores(objective, datapoints, all, r2, logLoss, accuracy, auc, scaled);
  }

  /** The values that there are. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(String.format(Locale.ROOT, "objective %.6g", objective));
    append(text, "RMSE", rmse);
    append(text, "R2", r2);
    append(text, "log loss", logLoss);
    append(text, "accuracy", accuracy);
    append(text, "AUC", auc);
    return text.append(String.format(Locale.ROOT, " on %,d rows", datapoints)).toString();
  }

  private static void append(StringBuilder text, String name, double value) {
    if (!Double.isNaN(value)) {
      text.append(String.format(Locale.ROOT, ", %s %.5g", name, value));
    }
  }
}
