package dev.krongauss.bench.page;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** What one optimiser did from one seed: its updates in order, and how it ended. */
public final class Curve {
  /** Updates that the printed objective is the mean of. */
  public static final int WINDOW = 10;

  private final String label;
  private final long seed;
  private final List<Point> points = new ArrayList<>();
  private final List<HeldOut> heldOut = new ArrayList<>();
  private HeldOut bestHeldOut;
  private long evaluationsSinceBest;
  private final SlidingMean mean = new SlidingMean(WINDOW);
  private String failure;
  private double evaluated = Double.NaN;
  private double averaged = Double.NaN;

  /**
   * One update.
   *
   * @param update from 1
   * @param seconds of training up to the end of this update
   * @param objective mean loss of this update's batch, before the update
   * @param slidingMean of the last ten objectives
   */
  public record Point(long update, double seconds, double objective, double slidingMean) {}

  /**
   * Without an update yet.
   *
   * @param label of the optimiser, as in tables and files
   * @param seed of weights and batches
   */
  public Curve(String label, long seed) {
    this.label = label;
    this.seed = seed;
  }

  /**
   * Adds an update.
   *
   * @param seconds of training up to its end
   * @param objective mean loss of its batch, before the update
   */
  public Point add(double seconds, double objective) {
    Point point = new Point(points.size() + 1L, seconds, objective, mean.add(objective));
    points.add(point);
    return point;
  }

  /** Why the optimiser could not go on. */
  public void failed(String reason) {
    failure = reason;
  }

  /**
   * What its weights came to in the end, off the clock, on rows that are the same for all.
   *
   * @param last mean loss of the last weights
   * @param average that of their average; NaN where there is none
   */
  public void evaluated(double last, double average) {
    evaluated = last;
    averaged = average;
  }

  /**
   * Adds what weights came to on held-out rows.
   *
   * @param judged of an update that is not before those that are here
   */
  public void add(HeldOut judged) {
    boolean another =
        heldOut.isEmpty() || heldOut.get(heldOut.size() - 1).update() < judged.update();
    heldOut.add(judged);
    if (bestHeldOut == null || judged.betterThan(bestHeldOut)) {
      bestHeldOut = judged;
      evaluationsSinceBest = 0;
    } else if (another) {
      evaluationsSinceBest++;
    }
  }

  /** In order, the last weights' before the averaged ones' of the same update; a view. */
  public List<HeldOut> heldOut() {
    return Collections.unmodifiableList(heldOut);
  }

  /** The lowest objective on held-out rows, the first of several; empty if none is a number. */
  public Optional<HeldOut> bestHeldOut() {
    return Optional.ofNullable(bestHeldOut).filter(best -> !Double.isNaN(best.objective()));
  }

  /** The first of them whose objective is at most {@code objective}. */
  public Optional<HeldOut> firstHeldOutAt(double objective) {
    return heldOut.stream().filter(each -> each.objective() <= objective).findFirst();
  }

  /** Evaluations since the best one, of last and averaged weights together. */
  public long evaluationsSinceBest() {
    return evaluationsSinceBest;
  }

  /** Mean loss of the last weights on the fixed rows; NaN if it was not computed. */
  public double evaluated() {
    return evaluated;
  }

  /** That of the averaged weights; NaN if there are none, or it was not computed. */
  public double averaged() {
    return averaged;
  }

  /** Of the optimiser, as in tables and files. */
  public String label() {
    return label;
  }

  /** Of weights and batches. */
  public long seed() {
    return seed;
  }

  /** Whether the two are of the same optimiser and the same seed. */
  public boolean sameRun(Curve other) {
    return label.equals(other.label) && seed == other.seed;
  }

  /** One an update, in order; a view that grows with it. */
  public List<Point> points() {
    return Collections.unmodifiableList(points);
  }

  /** Why the optimiser could not go on; null if it came to its end. */
  public String failure() {
    return failure;
  }

  /** Updates made. */
  public long updates() {
    return points.size();
  }

  /** Seconds of training; 0 without an update. */
  public double seconds() {
    return points.isEmpty() ? 0 : last().seconds();
  }

  /** Mean of all updates, the first ones included; NaN without an update. */
  public double millisecondsPerUpdate() {
    return points.isEmpty() ? Double.NaN : 1e3 * seconds() / updates();
  }

  /**
   * The same without the first ten updates, in which memory is taken and code is compiled; NaN with
   * fewer than twenty.
   */
  public double steadyMilliseconds() {
    int first = WINDOW;
    return points.size() < 2 * first
        ? Double.NaN
        : 1e3 * (seconds() - points.get(first - 1).seconds()) / (points.size() - first);
  }

  /** The last sliding mean; NaN without an update. */
  public double finalObjective() {
    return points.isEmpty() ? Double.NaN : last().slidingMean();
  }

  /** The lowest sliding mean of ten whole updates; NaN with fewer, or if none is a number. */
  public double bestObjective() {
    return points.stream()
        .skip(WINDOW - 1L)
        .mapToDouble(Point::slidingMean)
        .filter(v -> !Double.isNaN(v))
        .min()
        .orElse(Double.NaN);
  }

  /** The first point whose mean of ten whole updates is at most {@code objective}; null if none. */
  public Point firstAt(double objective) {
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
