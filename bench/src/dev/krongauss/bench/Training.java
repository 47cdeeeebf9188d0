package dev.krongauss.bench;

import dev.krongauss.data.Batches;
import dev.krongauss.device.DeviceException;
import dev.krongauss.optim.DivergenceException;
import dev.krongauss.optim.Optimizer;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;

/**
 * Runs one optimiser to its limit. The clock runs while a batch is fetched, a step is made and its
 * report is read, which waits for the step, so nothing is left running when the clock stops; it
 * stands still while results are written and shown.
 */
final class Training {
  private final long maxUpdates;
  private final double maxSeconds;
  private final LongSupplier nanoTime;

  Training(long maxUpdates, double maxSeconds) {
    this(maxUpdates, maxSeconds, System::nanoTime);
  }

  Training(long maxUpdates, double maxSeconds, LongSupplier nanoTime) {
    this.maxUpdates = maxUpdates;
    this.maxSeconds = maxSeconds;
    this.nanoTime = nanoTime;
  }

  long maxUpdates() {
    return maxUpdates;
  }

  double maxSeconds() {
    return maxSeconds;
  }

  /**
   * One update of an optimiser: fetches a batch, steps, and waits for the batch's loss. The loss is
   * taken without a weight penalty, which not every optimiser has, so that all draw the same thing.
   */
  static DoubleSupplier updates(Optimizer optimizer, Batches batches) {
    return () -> optimizer.step(batches.next()).loss();
  }

  /**
   * Runs on to the limit, or to a failure, which ends this optimiser and is noted in its curve.
   *
   * @param step one update, giving its batch's loss
   * @param curve gets a point an update; what is in it already counts towards the limit
   * @param observer told of every point as it comes
   */
  void run(DoubleSupplier step, Curve curve, Consumer<Curve.Point> observer) {
    long nanoseconds = Math.round(curve.seconds() * 1e9);
    while (curve.updates() < maxUpdates && nanoseconds < maxSeconds * 1e9) {
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
        1, Math.max(point.update() / (double) maxUpdates, point.seconds() / maxSeconds));
  }

  /** Seconds of training that are left at the present rate. */
  double secondsLeft(Curve.Point point) {
    double byUpdates = (maxUpdates - point.update()) * (point.seconds() / point.update());
    return Math.max(0, Math.min(byUpdates, maxSeconds - point.seconds()));
  }
}
