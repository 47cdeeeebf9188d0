package dev.krongauss.train;

import dev.krongauss.device.Check;
import dev.krongauss.optim.StepReport;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * The settings of a {@link Training}; the first limit that is reached ends it.
 *
 * @param <B> the builder
 */
public abstract sealed class TrainingSetters<B extends TrainingSetters<B>>
    permits Training.Builder {
  private TrainingLimits limits = TrainingLimits.NONE;
  private Optional<Evaluation> evaluation = Optional.empty();
  private long every;
  private boolean averaged;
  private final List<BiConsumer<Training, StepReport>> updateListeners = new ArrayList<>();
  private final List<BiConsumer<Training, Held>> evaluationListeners = new ArrayList<>();

  TrainingSetters() {}

  /**
   * Ends after so many updates, those before a checkpoint counted.
   *
   * @throws IllegalArgumentException if it is less than 1
   */
  public B updates(long count) {
    limits = limits.withUpdates(count);
    return self();
  }

  /**
   * Ends after so many epochs of the batches, counted as {@link #updates}.
   *
   * @throws IllegalArgumentException if it is less than 1
   */
  public B epochs(long count) {
    limits = limits.withEpochs(count);
    return self();
  }

  /**
   * Ends after so many seconds, evaluations and listeners included.
   *
   * @throws IllegalArgumentException if it is not positive and finite
   */
  public B seconds(double time) {
    limits = limits.withSeconds(time);
    return self();
  }

  /**
   * Ends when so many evaluations in a row had no lower objective than the best one before them.
   * One whose objective is not a number is not better.
   *
   * @throws IllegalArgumentException if it is less than 1
   */
  public B patience(int evaluations) {
    limits = limits.withPatience(evaluations);
    return self();
  }

  /**
   * Evaluates in between and at the end, and keeps the best weights.
   *
   * @param heldOut of the network that the optimiser trains, with the rows to evaluate ({@link
   *     Evaluation#of(dev.krongauss.net.Network, dev.krongauss.model.LossFunction,
   *     dev.krongauss.data.Dataset)}); stays the caller's
   * @throws IllegalArgumentException if it has no rows of its own
   */
  public B evaluate(Evaluation heldOut) {
    Check.that(
        heldOut.rows() > 0,
        "an evaluation without rows; make it by Evaluation.of(network, loss, heldOut)");
    evaluation = Optional.of(heldOut);
    return self();
  }

  /**
   * Updates between evaluations. By default as many as make the rows evaluated one in 32 of those
   * trained on, rounded up: less than 2 % of the time; with {@link #patience} at most those of a
   * pass over the batches. It depends on the sizes alone, so that a repeated run evaluates at the
   * same updates. With {@link #averagedToo} every row counts twice.
   *
   * @throws IllegalArgumentException if it is less than 1
   */
  public B every(long updates) {
    Check.that(updates >= 1, "evaluations every %,d updates; at least 1 is needed", updates);
    every = updates;
    return self();
  }

  /**
   * Evaluates the optimiser's averaged weights too, and keeps whichever are better: for {@code
   * GaussNewton} with {@code averageIterates}.
   */
  public B averagedToo() {
    averaged = true;
    return self();
  }

  /**
   * Tells of each update. The report is lazy: who reads it waits for the update.
   *
   * @param listener told behind those given before, on the thread of {@link Training#run}; what it
   *     throws ends the run, with the last weights in the network
   */
  public B onUpdate(BiConsumer<Training, StepReport> listener) {
    updateListeners.add(Objects.requireNonNull(listener, "listener"));
    return self();
  }

  /**
   * Tells of each evaluation: the place to write a checkpoint.
   *
   * @param listener as for {@link #onUpdate}
   */
  public B onEvaluation(BiConsumer<Training, Held> listener) {
    evaluationListeners.add(Objects.requireNonNull(listener, "listener"));
    return self();
  }

  TrainingSettings settings() {
    return new TrainingSettings(
        limits, evaluation, every, averaged, updateListeners, evaluationListeners);
  }

  @SuppressWarnings("unchecked") // the only subclass
  private B self() {
    return (B) this;
  }
}
