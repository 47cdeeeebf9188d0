package dev.krongauss.train;

import dev.krongauss.data.Batches;
import dev.krongauss.model.State;
import dev.krongauss.optim.AveragedWeights;
import dev.krongauss.optim.GaussNewton;
import dev.krongauss.optim.Optimizer;
import java.util.Locale;
import java.util.Optional;
import java.util.function.DoubleSupplier;

/** The evaluations of a training: when, with which weights, and the best of them. */
final class HeldOut implements AutoCloseable {
  /** One row evaluated for so many that are trained on. */
  private static final long TRAINED_ROWS = 32;

  private final Evaluation evaluation;
  private final Optional<GaussNewton> averaging;
  private final long every;
  private final BestWeights best;
  private long evaluatedAt;
  private long without;
  private Optional<Held> last = Optional.empty();

  private HeldOut(Evaluation evaluation, Optional<GaussNewton> averaging, long every) {
    this.evaluation = evaluation;
    this.averaging = averaging;
    this.every = every;
    this.best = new BestWeights(evaluation.network());
  }

  /** As it was set; empty without an evaluation. */
  static Optional<HeldOut> of(TrainingSettings settings, Optimizer optimizer, Batches batches) {
    return settings
        .evaluation()
        .map(
            evaluation -> {
              Optional<GaussNewton> averaging =
                  settings.averaged() ? Optional.of((GaussNewton) optimizer) : Optional.empty();
              long rows = (averaging.isPresent() ? 2L : 1L) * evaluation.rows();
              long every = settings.every() > 0 ? settings.every() : usual(settings, rows, batches);
              return evaluation
                  .network()
                  .device()
                  .allOrNothing(() -> new HeldOut(evaluation, averaging, every));
            });
  }

  /** With patience at most a pass, so that its evaluations are not a long time in small tables. */
  private static long usual(TrainingSettings settings, long rows, Batches batches) {
    long cheap = usual(rows, batches.batchSize());
    return settings.limits().patience() > 0 ? Math.min(cheap, batches.batchesPerEpoch()) : cheap;
  }

  /** Updates between evaluations of so many rows. */
  static long usual(long rows, int batchSize) {
    return (TRAINED_ROWS * rows - 1) / batchSize + 1;
  }

  /**
   * Whether the weights of an update are to be evaluated, which happens once.
   *
   * @param now whether or not the interval is over
   */
  boolean due(long update, boolean now) {
    return evaluatedAt != update && (now || update % every == 0);
  }

  /** Evaluates the weights of an update, and keeps them if they are the best. */
  Held evaluate(long update, DoubleSupplier seconds) {
    Scores scores = evaluation.scores();
    Optional<AveragedWeights> averages =
        averaging.map(GaussNewton::averages).filter(AveragedWeights::any);
    Optional<Scores> averaged = averages.map(each -> each.with(evaluation::scores));
    Held held = best.compared(update, seconds.getAsDouble(), scores, averaged);
    evaluatedAt = update;
    last = Optional.of(held);
    without = held.best() ? 0 : without + 1;
    if (held.best() && held.averagedIsBetter()) {
      averages.orElseThrow().with(() -> best.keep(held));
    } else if (held.best()) {
      best.keep(held);
    }
    return held;
  }

  /** Whether the objective of the last evaluation, of the last weights, is no finite number. */
  boolean diverged() {
    return last.isPresent() && !Double.isFinite(last.get().scores().objective());
  }

  /** That in words; empty if it is finite. */
  String divergence() {
    if (!diverged()) {
      return "";
    }
    Held held = last.orElseThrow();
    return String.format(
        Locale.ROOT,
        "the objective on held-out rows after update %,d is %s",
        held.update(),
        held.scores().objective());
  }

  /** Evaluations since the best one. */
  int withoutABetterOne() {
    return (int) Math.min(without, Integer.MAX_VALUE);
  }

  long every() {
    return every;
  }

  Optional<Held> best() {
    return best.held();
  }

  /** Makes the best weights the network's, if there are any. */
  void bestWeights() {
    best.putIn();
  }

  /** Makes the last weights the network's again. */
  void lastWeights() {
    best.takeOut();
  }

  void exchange(State state) {
    evaluatedAt = state.count("evaluatedAt", evaluatedAt);
    without = state.count("without", without);
    last = state.replaces() ? Optional.empty() : last;
    best.exchange(state.of("best"));
  }

  @Override
  public void close() {
    best.close();
  }
}
