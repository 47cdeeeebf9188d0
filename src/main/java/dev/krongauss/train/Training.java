package dev.krongauss.train;

import dev.krongauss.data.Batches;
import dev.krongauss.model.Resumable;
import dev.krongauss.model.State;
import dev.krongauss.optim.DivergenceException;
import dev.krongauss.optim.Optimizer;
import dev.krongauss.optim.StepReport;
import java.util.Locale;
import java.util.Optional;

/**
 * The loop around an optimiser: batch after batch to a limit, with evaluations on held-out rows in
 * between. The weights that were best there are kept, and are the network's when {@link #run}
 * returns.
 *
 * <p>It is a part of a checkpoint, beside the weights, the optimiser and the batches ({@code
 * io.Checkpoint}): limits, interval and listeners are settings and not in it, everything else is. A
 * training that goes on from there, saved by a listener, makes the same updates and comes to the
 * same result, bit for bit; seconds are counted on.
 *
 * <p>It owns a copy of the weights on the device where there is an evaluation; optimiser, batches
 * and evaluation stay the caller's. For one thread, {@link #stop} apart.
 */
public final class Training implements Resumable, AutoCloseable {
  /** Why a run ended. */
  public enum Ending {
    /** As many updates as wanted. */
    UPDATES,
    /** As many epochs as wanted. */
    EPOCHS,
    /** The time is over. */
    SECONDS,
    /** So many evaluations in a row were not better. */
    PATIENCE,
    /** {@link Training#stop} was called. */
    STOPPED,
    /**
     * The optimiser gave up: too many updates in a row were rejected. Or the objective of an
     * evaluation was no finite number, or at the end the loss of the last batch.
     */
    DIVERGED
  }

  /**
   * What a run came to.
   *
   * @param ending why it ended
   * @param problem why it has diverged; empty with another ending
   * @param updates that were made, those before a checkpoint included
   * @param seconds they took, evaluations and listeners included
   * @param best the evaluation with the lowest objective, whose weights are the network's now;
   *     empty without an evaluation, or if no objective was a number
   */
  public record Result(
      Ending ending, String problem, long updates, double seconds, Optional<Held> best) {
    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "%,d updates in %.1f s, ended by %s%s%s",
          updates,
          seconds,
          ending.name().toLowerCase(Locale.ROOT),
          problem.isEmpty() ? "" : " (" + problem + ")",
          best.map(held -> "; best at " + held.text()).orElse(""));
    }
  }

  private final Optimizer optimizer;
  private final Batches batches;
  private final TrainingSettings settings;
  private final Optional<HeldOut> heldOut;
  private long updates;
  private double secondsBefore;
  private long begin;
  private boolean trained; // the optimiser's last report is one of this training
  private boolean running;
  private volatile boolean stopped;

  private Training(Optimizer optimizer, Batches batches, TrainingSettings settings) {
    this.optimizer = optimizer;
    this.batches = batches;
    this.settings = settings;
    this.heldOut = HeldOut.of(settings, optimizer, batches);
  }

  /**
   * The training of a model by an optimiser on batches, all of which stay the caller's. Nothing
   * runs yet.
   */
  public static Builder of(Optimizer optimizer, Batches batches) {
    return new Builder(optimizer, batches);
  }

  /** Limits, evaluation and listeners; at least one limit is needed. */
  public static final class Builder extends TrainingSetters<Builder> {
    private final Optimizer optimizer;
    private final Batches batches;

    private Builder(Optimizer optimizer, Batches batches) {
      this.optimizer = optimizer;
      this.batches = batches;
    }

    /**
     * Takes the memory for the best weights, where there is an evaluation.
     *
     * @throws IllegalArgumentException if there is no limit, one is not positive, patience or an
     *     interval is without an evaluation, the evaluation is of another network than the
     *     optimiser's, or averaged weights are asked of an optimiser that has none
     * @throws dev.krongauss.device.DeviceException if the memory is not there
     */
    public Training build() {
      return new Training(optimizer, batches, settings().checked(optimizer));
    }
  }

  /**
   * Trains to a limit, and evaluates at the end where that has not just been done. Afterwards the
   * network has the best weights that an evaluation has seen; without one, the last. A loss that is
   * not finite is looked for in evaluations, and in the last update, which is waited for: with such
   * a one the run has diverged. A run that is called again goes on from the last weights, where its
   * limits let it.
   *
   * @throws IllegalArgumentException if batches, model, loss or evaluation do not fit each other
   * @throws IllegalStateException if it is called by a listener, or something is closed
   */
  public Result run() {
    if (running) {
      throw new IllegalStateException("the training is running; call run() after it has returned");
    }
    running = true;
    begin = System.nanoTime();
    try {
      return toTheEnd();
    } finally {
      secondsBefore = seconds();
      running = false;
    }
  }

  private Result toTheEnd() {
    heldOut.ifPresent(HeldOut::lastWeights);
    String problem = "";
    Ending ending;
    try {
      ending = loop();
    } catch (DivergenceException e) {
      ending = Ending.DIVERGED;
      problem = e.getMessage();
    }
    evaluate(true);
    if (problem.isEmpty()) {
      problem = divergence();
      ending = problem.isEmpty() ? ending : Ending.DIVERGED;
    }
    heldOut.ifPresent(HeldOut::bestWeights);
    stopped = false;
    return new Result(ending, problem, updates, seconds(), best());
  }

  /** What is not finite at the end, in words; waits for the last update. */
  private String divergence() {
    String what = heldOut.map(HeldOut::divergence).orElse("");
    if (what.isEmpty() && trained && !optimizer.lastReport().finite()) {
      what = divergence(optimizer.lastReport());
    }
    return what.isEmpty() ? "" : what + "; take smaller steps, or give the data a scale near 1";
  }

  private static String divergence(StepReport report) {
    return String.format(
        Locale.ROOT, "the loss of the batch of update %,d is %s", report.update(), report.loss());
  }

  private Ending loop() {
    while (true) {
      evaluate(false);
      Optional<Ending> ending = ending();
      if (ending.isPresent()) {
        return ending.get();
      }
      optimizer.advance(batches.next());
      updates++;
      trained = true;
      settings.updateListeners().forEach(each -> each.accept(this, optimizer.lastReport()));
    }
  }

  private Optional<Ending> ending() {
    if (heldOut.map(HeldOut::diverged).orElse(false)) {
      return Optional.of(Ending.DIVERGED);
    }
    if (stopped) {
      return Optional.of(Ending.STOPPED);
    }
    int without = heldOut.map(HeldOut::withoutABetterOne).orElse(0);
    return settings.limits().reached(updates, batches.batchesPerEpoch(), seconds(), without);
  }

  /**
   * Evaluates the weights of an update once.
   *
   * @param now whether or not the interval is over
   */
  private void evaluate(boolean now) {
    if (heldOut.isEmpty() || updates == 0 || !heldOut.get().due(updates, now)) {
      return;
    }
    Held held = heldOut.get().evaluate(updates, this::seconds);
    settings.evaluationListeners().forEach(listener -> listener.accept(this, held));
  }

  /**
   * Ends the run after the update that is being made, as if a limit was reached: for listeners and
   * other threads. Without a run it ends the next one before its first update.
   */
  public void stop() {
    stopped = true;
  }

  /** Updates made so far. */
  public long updates() {
    return updates;
  }

  /**
   * Seconds of all runs so far, the present one included. Updates are enqueued and not waited for
   * here, evaluations are.
   */
  public double seconds() {
    return secondsBefore + (running ? 1e-9 * (System.nanoTime() - begin) : 0);
  }

  /** The evaluation with the lowest objective so far. */
  public Optional<Held> best() {
    return heldOut.flatMap(HeldOut::best);
  }

  /** Updates between evaluations; 0 without an evaluation. */
  public long evaluatedEvery() {
    return heldOut.map(HeldOut::every).orElse(0L);
  }

  /**
   * Counters, and with an evaluation the best weights and their scores. The model's weights, the
   * optimiser and the batches are parts of their own.
   */
  @Override
  public void exchange(State state) {
    if (state.replaces() && running) {
      throw new IllegalStateException(
          "a training cannot go on from a file while it runs; load before run()");
    }
    updates = state.count("updates", updates);
    trained &= !state.replaces();
    long seconds = state.number("seconds", Double.doubleToLongBits(seconds()));
    if (state.replaces()) {
      secondsBefore = Double.longBitsToDouble(seconds);
    }
    heldOut.ifPresent(part -> part.exchange(state));
  }

  /** Frees the copy of the best weights; the network keeps its own. */
  @Override
  public void close() {
    heldOut.ifPresent(HeldOut::close);
  }
}
