package dev.krongauss.bench.compare;

import dev.krongauss.bench.page.Curve;
import java.util.function.ToDoubleFunction;

/**
 * When held-out rows are evaluated: every so many updates, or as often as it costs little. Off the
 * clock in either case, so that it changes no result but the wait for it.
 */
final class Schedule {
  /** Training by evaluation, in time: at most five per cent more of it. */
  private static final double COST = 20;

  /** Of the way to the limit, less rounding: more evaluations would not be seen in a picture. */
  private static final double STEP = 1.0 / 200 - 1e-9;

  private final long every;
  private final ToDoubleFunction<Curve.Point> progress;
  private boolean first = true;
  private double cost = Double.POSITIVE_INFINITY;
  private double lastSeconds;
  private double lastProgress;

  private Schedule(long every, ToDoubleFunction<Curve.Point> progress) {
    this.every = every;
    this.progress = progress;
  }

  /** At every multiple of a number of updates. */
  static Schedule every(long updates) {
    return new Schedule(updates, point -> 0);
  }

  /**
   * As often as it costs little.
   *
   * @param progress how much of the way a point is, from 0 to 1
   */
  static Schedule byCost(ToDoubleFunction<Curve.Point> progress) {
    return new Schedule(0, progress);
  }

  /** Goes on behind what a curve already has. */
  void from(Curve curve) {
    if (!curve.heldOut().isEmpty()) {
      lastSeconds = curve.heldOut().get(curve.heldOut().size() - 1).seconds();
      lastProgress = curve.points().isEmpty() ? 0 : progress.applyAsDouble(last(curve));
    }
  }

  /** Whether it is time behind the update of this number, whenever that is. */
  boolean dueBehind(long update) {
    return every > 0 && update % every == 0;
  }

  /** Whether it is time behind this update. */
  boolean due(Curve.Point point) {
    if (every > 0) {
      return dueBehind(point.update());
    }
    boolean cheap = Double.isInfinite(cost) || point.seconds() - lastSeconds >= COST * cost;
    return cheap && progress.applyAsDouble(point) - lastProgress >= STEP;
  }

  /**
   * Notes an evaluation.
   *
   * @param seconds that it took; of the first one, which takes memory and has code compiled, they
   *     do not count, and of the others the least
   */
  void evaluated(Curve.Point point, double seconds) {
    if (!first) {
      cost = Math.min(cost, seconds);
    }
    first = false;
    lastSeconds = point.seconds();
    lastProgress = progress.applyAsDouble(point);
  }

  private static Curve.Point last(Curve curve) {
    return curve.points().get(curve.points().size() - 1);
  }
}
