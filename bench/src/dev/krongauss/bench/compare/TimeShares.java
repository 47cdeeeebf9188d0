package dev.krongauss.bench.compare;

import dev.krongauss.bench.compare.Evidence.Missing;
import dev.krongauss.bench.compare.Evidence.Share;
import dev.krongauss.bench.page.Curve;
import dev.krongauss.bench.run.SummaryTable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * The time that one method takes to an objective of another, by the other's time to it; seed by
 * seed, of which the worst counts.
 */
final class TimeShares {
  /** Parts of the other's time whose objectives are looked at besides its last one. */
  private static final double[] PARTS = {0.25, 0.5};

  private TimeShares() {}

  /**
   * To the other's final objective, by the other's time when it was there first, which may be long
   * before its end; infinite if a seed does not get there.
   *
   * @throws Missing if there are too few updates, or not enough time, to tell, or if the other
   *     diverged
   */
  static Share atEnd(List<Curve> own, List<Curve> others) throws Missing {
    double[] shares = new double[own.size()];
    for (int s = 0; s < shares.length; s++) {
      shares[s] = atEnd(own.get(s), others.get(s));
    }
    double worst = Arrays.stream(shares).max().orElseThrow();
    Curve first = others.get(0);
    String how =
        worst == Double.POSITIVE_INFINITY
            ? String.format(Locale.ROOT, "did not reach it in %.0f s", longest(own)) + some(shares)
            : range(shares) + " of its time to get there";
    return new Share(
        worst,
        String.format(
            Locale.ROOT,
            "%s: %s, which ended at %s after %s updates in %.0f s",
            first.label(),
            how,
            range("%.3f", others, Curve::finalObjective),
            range("%,.0f", others, Curve::updates),
            first.seconds()));
  }

  /**
   * To what the other had reached after a quarter and after half of its time: the worst of the
   * seeds, as words; empty where that was within its first ten updates.
   */
  static String before(List<Curve> own, List<Curve> others) {
    List<String> words = new ArrayList<>();
    for (double part : PARTS) {
      double worst = 0;
      for (int s = 0; s < own.size(); s++) {
        worst = Math.max(worst, before(own.get(s), others.get(s), part));
      }
      if (!Double.isNaN(worst)) {
        words.add(
            String.format(
                Locale.ROOT, "after %.0f %% of its time: %s", 100 * part, Evidence.number(worst)));
      }
    }
    return words.isEmpty() ? "" : "; to what it had " + String.join(", ", words);
  }

  private static double before(Curve own, Curve other, double part) {
    double seconds = part * other.seconds();
    double objective =
        other.points().stream()
            .skip(Curve.WINDOW - 1L)
            .filter(point -> point.seconds() <= seconds)
            .mapToDouble(Curve.Point::slidingMean)
            .reduce(Double.NaN, (a, b) -> b);
    Curve.Point theirs = other.firstAt(objective);
    if (theirs == null) {
      return Double.NaN;
    }
    Curve.Point ours = own.firstAt(objective);
    return ours == null ? Double.POSITIVE_INFINITY : ours.seconds() / theirs.seconds();
  }

  private static double atEnd(Curve own, Curve other) throws Missing {
    long least = Math.min(own.updates(), other.updates());
    if (least < Curve.WINDOW) {
      throw new Missing("fewer than %d updates".formatted(Curve.WINDOW));
    }
    if (!Double.isFinite(other.finalObjective())) {
      throw new Missing(
          "%s diverged from seed %d: it ended at no finite objective"
              .formatted(other.label(), other.seed()));
    }
    Curve.Point reached = own.firstAt(other.finalObjective());
    if (reached == null && own.failure() == null && 2 * own.seconds() < other.seconds()) {
      throw new Missing(own.label() + " ran less than half as long");
    }
    return reached == null
        ? Double.POSITIVE_INFINITY
        : reached.seconds() / other.firstAt(other.finalObjective()).seconds();
  }

  private static double longest(List<Curve> curves) {
    return curves.stream().mapToDouble(Curve::seconds).max().orElse(0);
  }

  /** What the seeds that got there took, where others did not. */
  private static String some(double[] shares) {
    double[] finite = Arrays.stream(shares).filter(Double::isFinite).toArray();
    return finite.length == 0
        ? ""
        : String.format(
            Locale.ROOT,
            " from %d of %d seeds, else %s of its time to get there",
            shares.length - finite.length,
            shares.length,
            range(finite));
  }

  private static String range(double[] values) {
    double[] sorted = Arrays.stream(values).sorted().toArray();
    return range(Evidence.number(sorted[0]), Evidence.number(sorted[sorted.length - 1]));
  }

  /** One number, or the least and the greatest where seeds differ. */
  static String range(String format, List<Curve> curves, ToDoubleFunction<Curve> value) {
    double[] sorted = curves.stream().mapToDouble(value).sorted().toArray();
    return range(
        SummaryTable.format(format, sorted[0]),
        SummaryTable.format(format, sorted[sorted.length - 1]));
  }

  private static String range(String least, String greatest) {
    return least.equals(greatest) ? least : least + " to " + greatest;
  }
}
