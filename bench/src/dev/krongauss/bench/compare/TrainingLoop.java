package dev.krongauss.bench.compare;

import dev.krongauss.bench.page.Curve;
import dev.krongauss.bench.peers.Limits;
import dev.krongauss.data.Batches;
import dev.krongauss.device.DeviceException;
import dev.krongauss.optim.DivergenceException;
import dev.krongauss.optim.Optimizer;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;

/**
 * Runs one optimiser to its limit. The clock runs while a batch is fetched, a step is made and its
 * report is read, which waits for the step, so nothing is left running when the clock stops; it
 * stands still while results are written and shown.
 */
final class TrainingLoop {
  private final Limits limits;
  private final LongSupplier nanoTime;

  TrainingLoop(Limits limits) {
    this(limits, System::nanoTime);
  }

  /** With a clock of the caller's. */
  TrainingLoop(Limits limits, LongSupplier nanoTime) {
    this.limits = limits;
    this.nanoTime = nanoTime;
  }

  /** As many updates, however long they take. */
  static TrainingLoop ofUpdates(long updates) {
    return new TrainingLoop(new Limits(updates, Double.POSITIVE_INFINITY));
  }

  Limits limits() {
    return limits;
  }

  /**
   * One update of an optimiser: fetches a batch, steps, and waits for the batch's loss. The loss is
   * taken without a weight penalty, which not every optimiser has, so that all draw the same thing.
   */
  static DoubleSupplier updates(Optimizer optimizer, Batches batches) {
    return () -> optimizer.step(batches.next()).loss();
  }

  /** {@link #run(DoubleSupplier, Curve, Consumer, BooleanSupplier)} to the limit. */
  void run(DoubleSupplier step, Curve curve, Consumer<Curve.Point> observer) {
    run(step, curve, observer, () -> true);
  }

  /**
   * Runs on to the limit, or to a failure, which ends this optimiser and is noted in its curve.
   *
   * @param step one update, giving its batch's loss
   * @param curve gets a point an update; what is in it already counts towards the limit
   * @param observer told of every point as it comes
   * @param goOn asked before every update
   */
  void run(DoubleSupplier step, Curve curve, Consumer<Curve.Point> observer, BooleanSupplier goOn) {
    long nanoseconds = Math.round(curve.seconds() * 1e9);
    while (curve.updates() < limits.updates()
        && nanoseconds < limits.seconds() * 1e9
        && goOn.getAsBoolean()) {
      long start = nanoTime.getAsLong();
      double objective;
      try {
        objective = step.getAsDouble();
      } catch (DivergenceException | DeviceException e) {
        curve.failed("after %,d updates: %s".formatted(curve.updates(), e.getMessage()));
        return;
      }
      nanoseconds += nanoTime.getAsLong() - start;
      observer.accept(curve.add(nanoseconds / 1e9, objective));
    }
  }

  /** How much of the way is done, 0 to 1. */
  double progress(Curve.Point point) {
    return Math.min(
        1,
        Math.max(point.update() / (double) limits.updates(), point.seconds() / limits.seconds()));
  }

  /** Seconds of training that are left at the present rate. */
  double secondsLeft(Curve.Point point) {
    double byUpdates = (limits.updates() - point.update()) * (point.seconds() / point.update());
    return Math.max(0, Math.min(byUpdates, limits.seconds() - point.seconds()));
  }
}
