package dev.krongauss.bench;

import java.util.ArrayList;
import java.util.List;

/** What one optimiser did from one seed: its updates in order, and how it ended. */
final class Curve {
  /** Updates that the printed objective is the mean of. */
  static final int WINDOW = 10;

  private final String label;
  private final long seed;
  private final List<Point> points = new ArrayList<>();
  private final SlidingMean mean = new SlidingMean(WINDOW);
  private String failure;

  /**
   * One update.
   *
   * @param update from 1
   * @param seconds of training up to the end of this update
   * @param objective mean loss of this update's batch, before the update
   * @param slidingMean of the last ten objectives
   */
  record Point(long update, double seconds, double objective, double slidingMean) {}

  /**
   * @param label of the optimiser, as in tables and files
   */
  Curve(String label, long seed) {
    this.label = label;
    this.seed = seed;
  }

  Point add(double seconds, double objective) {
    Point point = new Point(points.size() + 1L, seconds, objective, mean.add(objective));
    points.add(point);
    return point;
  }

  /** Why the optimiser could not go on. */
  void failed(String reason) {
    failure = reason;
  }

  String label() {
    return label;
  }

  long seed() {
    return seed;
  }

  /** Whether the two are of the same optimiser and the same seed. */
  boolean sameRun(Curve other) {
    return label.equals(other.label) && seed == other.seed;
  }

  List<Point> points() {
    return points;
  }

  /** Null if it came to its end. */
  String failure() {
    return failure;
  }

  long updates() {
    return points.size();
  }

  double seconds() {
    return points.isEmpty() ? 0 : last().seconds();
  }

  /** NaN without an update. */
  double millisecondsPerUpdate() {
    return points.isEmpty() ? Double.NaN : 1e3 * seconds() / updates();
  }

  /**
   * The same without the first ten updates, in which memory is taken and code is compiled; NaN with
   * fewer than twenty.
   */
  double steadyMilliseconds() {
    int first = WINDOW;
    return points.size() < 2 * first
        ? Double.NaN
        : 1e3 * (seconds() - points.get(first - 1).seconds()) / (points.size() - first);
  }

  /** The last sliding mean; NaN without an update. */
  double finalObjective() {
    return points.isEmpty() ? Double.NaN : last().slidingMean();
  }

  /** The lowest sliding mean of ten whole updates; NaN with fewer, or if none is a number. */
  double bestObjective() {
    return points.stream()
        .skip(WINDOW - 1L)
        .mapToDouble(Point::slidingMean)
        .filter(v -> !Double.isNaN(v))
        .min()
        .orElse(Double.NaN);
  }

  /** The first point whose mean of ten whole updates is at most {@code objective}; null if none. */
  Point firstAt(double objective) {
    return points.stream()
        .skip(WINDOW - 1L)
        .filter(p -> p.slidingMean() <= objective)
        .findFirst()
        .orElse(null);
  }

  private Point last() {
    return points.get(points.size() - 1);
  }
}
