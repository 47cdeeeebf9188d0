package dev.krongauss.bench.compare;

import dev.krongauss.bench.page.Curve;
import dev.krongauss.bench.problem.OptimizerKind;
import dev.krongauss.bench.run.Results;
import dev.krongauss.bench.run.SummaryTable;
import dev.krongauss.bench.update.UpdateCost;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/**
 * Numbers of a comparison that {@link Claims} are judged by. What cannot be had, or would come from
 * too few updates, is {@link Missing}, never a number.
 */
final class Evidence {
  private static final long NONE = Long.MAX_VALUE;
  private static final String NO_AVERAGE = ":no-average";
  private static final String MOMENTUM = ":momentum";

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
    return results
        .of(label)
        .or(() -> results.of(withoutAverage(label)))
        .orElseThrow(
            () ->
                new Missing(
                    peer(label)
                        ? "needs --peer " + label
                        : "needs " + label + " in --optimizers, to its end from every seed"));
  }

  private static String withoutAverage(String label) {
    return label.endsWith(MOMENTUM)
        ? label.substring(0, label.length() - MOMENTUM.length()) + NO_AVERAGE + MOMENTUM
        : label + NO_AVERAGE;
  }

  private static boolean peer(String label) {
    return label.contains("-");
  }

  /** Whether any setting of a method ran from every seed. */
  boolean ran(String kind) {
    return settings(kind).findAny().isPresent();
  }

  /** The runs of a method's default, else of its first setting that ran. */
  List<Curve> any(String kind) throws Missing {
    return results.of(kind).or(() -> settings(kind).findFirst()).orElseThrow(() -> absent(kind));
  }

  /** Of the settings of a method that ran, the one with the lowest mean final objective. */
  List<Curve> best(String kind) throws Missing {
    return settings(kind)
        .filter(curves -> Double.isFinite(mean(curves, Curve::finalObjective)))
        .min(Comparator.comparingDouble(curves -> mean(curves, Curve::finalObjective)))
        .orElseThrow(() -> absent(kind));
  }

  /** The same of a method's peers in PyTorch, with or without a graph; empty if none ran. */
  Optional<List<Curve>> bestInPyTorch(OptimizerKind kind) {
    String peer = "torch-" + kind;
    return Stream.concat(settings(peer), settings(peer + "-graph"))
        .filter(curves -> Double.isFinite(mean(curves, Curve::finalObjective)))
        .min(Comparator.comparingDouble(curves -> mean(curves, Curve::finalObjective)));
  }

  /** How many values of an option ran from every seed, of a method's settings. */
  long values(String kind, String option, String byDefault) {
    return settings(kind)
        .map(curves -> curves.get(0).label().split(":"))
        .map(
            parts ->
                Arrays.stream(parts)
                    .filter(part -> part.startsWith(option + "="))
                    .findFirst()
                    .orElse(option + "=" + byDefault))
        .distinct()
        .count();
  }

  private Stream<List<Curve>> settings(String kind) {
    return results.byLabel().keySet().stream()
        .filter(label -> isOf(kind, label))
        .flatMap(label -> results.of(label).stream());
  }

  private Missing absent(String kind) {
    boolean begun = results.byLabel().keySet().stream().anyMatch(label -> isOf(kind, label));
    return new Missing(
        begun
            ? "no setting of " + kind + " came to a finite objective from every seed"
            : "needs " + (peer(kind) ? "--peer " + kind : kind + " in --optimizers"));
  }

  private static boolean isOf(String kind, String label) {
    return label.equals(kind) || label.startsWith(kind + ":");
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

  /** The worst seed's loss of the averaged weights less that of the last ones, on fixed rows. */
  Share averages(List<Curve> curves) throws Missing {
    double worst = Double.NEGATIVE_INFINITY;
    for (Curve curve : curves) {
      if (Double.isNaN(curve.evaluated()) || Double.isNaN(curve.averaged())) {
        throw new Missing(
            curve.failure() == null
                ? curve.label() + " has no weights evaluated at its end"
                : "%s stopped %s".formatted(curve.label(), curve.failure()));
      }
      worst = Math.max(worst, curve.averaged() - curve.evaluated());
    }
    return new Share(
        worst,
        String.format(
            Locale.ROOT,
            "averaged %s, last %s",
            TimeShares.range("%.3f", curves, Curve::averaged),
            TimeShares.range("%.3f", curves, Curve::evaluated)));
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
