package dev.krongauss.bench.compare;

import dev.krongauss.bench.page.Curve;
import dev.krongauss.bench.run.Results;
import dev.krongauss.bench.run.SummaryTable;
import dev.krongauss.bench.update.UpdateCost;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * Numbers of a comparison that {@link Claims} are judged by. What cannot be had, or would come from
 * too few updates, is {@link Missing}, never a number.
 */
final class Evidence {
  private static final long NONE = Long.MAX_VALUE;
  private static final String NO_AVERAGE = ":no-average";

  private final Results results;

  Evidence(Results results) {
    this.results = results;
  }

  /** A number that this run does not give; the message says what is missing. */
  static final class Missing extends Exception {
    private static final long serialVersionUID = 1;

    Missing(String message) {
      super(message);
    }
  }

  /** A ratio, and the sentence it comes from. */
  record Share(double value, String text) {}

  /** Objectives of two methods after the same number of updates; a diverged one is infinite. */
  record Objectives(double a, double b, String text) {}

  /** Whether every seed's objective has grown instead of fallen. */
  record Growth(boolean diverged, String text) {}

  /**
   * The runs of an optimiser, one a seed; where averages are off for all, those without.
   *
   * @throws Missing if it did not run from every seed
   */
  List<Curve> runs(String label) throws Missing {
    boolean named = results.of(label).isPresent();
    String other = named || label.contains(":") ? label : label + NO_AVERAGE;
    return results
        .of(other)
        .orElseThrow(
            () ->
                new Missing(
                    label.contains("-")
                        ? "needs --peer " + label
                        : "needs " + label + " in --optimizers, to its end from every seed"));
  }

  /** Of the settings of a method that ran, the one with the lowest mean final objective. */
  List<Curve> best(String kind) throws Missing {
    return results.byLabel().keySet().stream()
        .filter(label -> label.equals(kind) || label.startsWith(kind + ":"))
        .flatMap(label -> results.of(label).stream())
        .filter(curves -> Double.isFinite(mean(curves, Curve::finalObjective)))
        .min(Comparator.comparingDouble(curves -> mean(curves, Curve::finalObjective)))
        .orElseThrow(() -> new Missing("needs " + kind + " in --optimizers"));
  }

  /**
   * The time that one method takes to the final objective of another, by the other's time; the
   * worst of the seeds, infinite if it does not get there.
   */
  Share timeShare(List<Curve> own, List<Curve> others) throws Missing {
    Share worst = null;
    for (int s = 0; s < own.size(); s++) {
      Share share = timeShare(own.get(s), others.get(s));
      if (worst == null || share.value() > worst.value()) {
        worst = share;
      }
    }
    return worst;
  }

  private static Share timeShare(Curve own, Curve other) throws Missing {
    long least = Math.min(own.updates(), other.updates());
    if (least < Curve.WINDOW) {
      throw new Missing("fewer than %d updates".formatted(Curve.WINDOW));
    }
    Curve.Point reached = own.firstAt(other.finalObjective());
    if (reached == null && own.failure() == null && 2 * own.seconds() < other.seconds()) {
      throw new Missing(own.label() + " ran less than half as long");
    }
    String how =
        reached == null
            ? String.format(Locale.ROOT, "did not reach it in %.0f s", own.seconds())
            : number(reached.seconds() / other.seconds()) + " of its time";
    return new Share(
        reached == null ? Double.POSITIVE_INFINITY : reached.seconds() / other.seconds(),
        String.format(
            Locale.ROOT,
            "%s: %s, which ended at %s after %,d updates in %.0f s",
            other.label(),
            how,
            SummaryTable.format("%.3f", other.finalObjective()),
            other.updates(),
            other.seconds()));
  }

  /**
   * Milliseconds an update of one method by those of another: medians of updates in turns where
   * they were measured, else means over the runs without their first ten updates.
   */
  Share costRatio(List<Curve> a, List<Curve> b) throws Missing {
    double ofA = measured(a);
    double ofB = measured(b);
    String how = ", measured in turns";
    if (Double.isNaN(ofA) || Double.isNaN(ofB)) {
      ofA = steady(a);
      ofB = steady(b);
      how = ", means of the runs";
    }
    return new Share(
        ofA / ofB,
        String.format(
            Locale.ROOT,
            "%.2f times: %s %.1f ms, %s %.1f ms%s%s",
            ofA / ofB,
            a.get(0).label(),
            ofA,
            b.get(0).label(),
            ofB,
            how,
            results.conditions().gpu() ? "" : ", on a CPU"));
  }

  private double measured(List<Curve> curves) {
    return results.costs().stream()
        .filter(cost -> cost.optimizer().equals(curves.get(0).label()))
        .mapToDouble(UpdateCost::milliseconds)
        .findFirst()
        .orElse(Double.NaN);
  }

  private static double steady(List<Curve> curves) throws Missing {
    double mean = mean(curves, Curve::steadyMilliseconds);
    if (Double.isNaN(mean)) {
      Curve first = curves.get(0);
      throw new Missing(
          first.failure() != null
              ? "%s stopped %s".formatted(first.label(), first.failure())
              : "%s made fewer than %d updates".formatted(first.label(), 2 * Curve.WINDOW));
    }
    return mean;
  }

  /** Mean over the seeds of the means of ten, at the last update that all have made. */
  Objectives objectives(List<Curve> a, List<Curve> b) throws Missing {
    long updates = Math.min(least(a), least(b));
    if (updates == NONE) {
      throw new Missing("%s and %s both stopped".formatted(a.get(0).label(), b.get(0).label()));
    }
    if (updates < Curve.WINDOW) {
      throw new Missing("fewer than %d updates".formatted(Curve.WINDOW));
    }
    double ofA = at(a, updates);
    double ofB = at(b, updates);
    return new Objectives(
        ofA,
        ofB,
        String.format(
            Locale.ROOT,
            "after %,d updates %s %s, %s %s",
            updates,
            a.get(0).label(),
            SummaryTable.format("%.4g", ofA),
            b.get(0).label(),
            SummaryTable.format("%.4g", ofB)));
  }

  /** Updates that every run has made; one that failed counts as long as another goes on. */
  private static long least(List<Curve> curves) {
    return curves.stream()
        .filter(curve -> curve.failure() == null)
        .mapToLong(Curve::updates)
        .min()
        .orElse(NONE);
  }

  private static double at(List<Curve> curves, long update) {
    return mean(
        curves,
        curve -> {
          if (curve.updates() < update) {
            return Double.POSITIVE_INFINITY;
          }
          double value = curve.points().get((int) update - 1).slidingMean();
          return Double.isNaN(value) ? Double.POSITIVE_INFINITY : value;
        });
  }

  /** Compares the first objective with the last mean of ten, in every seed. */
  Growth growth(List<Curve> curves) throws Missing {
    boolean all = true;
    for (Curve curve : curves) {
      if (curve.updates() == 0 || curve.updates() < 2 * Curve.WINDOW && curve.failure() == null) {
        throw new Missing("fewer than %d updates".formatted(2 * Curve.WINDOW));
      }
      all &= !(curve.finalObjective() < curve.points().get(0).objective());
    }
    Curve first = curves.get(0);
    return new Growth(
        all,
        String.format(
            Locale.ROOT,
            "%s at first, %s after %,d updates%s",
            SummaryTable.format("%.1f", first.points().get(0).objective()),
            SummaryTable.format("%.1f", first.finalObjective()),
            first.updates(),
            first.failure() == null ? "" : ", when it stopped"));
  }

  /** How many starts the numbers are from. */
  String seeds() {
    int count = results.conditions().seeds();
    return count == 1 ? "; one seed" : "; %d seeds".formatted(count);
  }

  /** Two decimals; a dash where there is none. */
  static String number(double value) {
    return Double.isInfinite(value) ? "never" : SummaryTable.format("%.2f", value);
  }

  private static double mean(List<Curve> curves, ToDoubleFunction<Curve> value) {
    return curves.stream().mapToDouble(value).average().orElse(Double.NaN);
  }
}
