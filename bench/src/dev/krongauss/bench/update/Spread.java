package dev.krongauss.bench.update;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What is told of several times of one thing, in microseconds.
 *
 * @param samples their number
 * @param ninetieth their 90th percentile
 */
public record Spread(int samples, double median, double least, double ninetieth) {
  private static final double NINETIETH = 0.9;

  /**
   * Of one kind.
   *
   * @param times in microseconds, at least one
   */
  public static Spread of(List<Double> times) {
    double[] sorted = times.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    return new Spread(sorted.length, quantile(sorted, 0.5), sorted[0], quantile(sorted, NINETIETH));
  }

  /**
   * Of several kinds, each weighted by how often it occurs.
   *
   * @param times in order, at least one
   * @param kinds what each of them is
   */
  static Spread ofKinds(List<Double> times, List<?> kinds) {
    Map<Object, List<Double>> byKind = new HashMap<>();
    for (int k = 0; k < times.size(); k++) {
      byKind.computeIfAbsent(kinds.get(k), kind -> new ArrayList<>()).add(times.get(k));
    }
    double median = 0;
    double least = 0;
    double ninetieth = 0;
    for (List<Double> kind : byKind.values()) {
      Spread spread = of(kind);
      double share = kind.size() / (double) times.size();
      median += share * spread.median;
      least += share * spread.least;
      ninetieth += share * spread.ninetieth;
    }
    return new Spread(times.size(), median, least, ninetieth);
  }

  /**
   * For JSON; numbers with four digits.
   *
   * @param share of the updates that have this part
   */
  Map<String, Object> row(String part, double share) {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("part", part);
    row.put("share", share);
    row.put("samples", samples);
    row.put("medianMicroseconds", digits(median));
    row.put("leastMicroseconds", digits(least));
    row.put("ninetiethMicroseconds", digits(ninetieth));
    return row;
  }

  private static double quantile(double[] sorted, double q) {
    double at = q * (sorted.length - 1);
    int low = (int) at;
    int high = Math.min(low + 1, sorted.length - 1);
    return sorted[low] + (at - low) * (sorted[high] - sorted[low]);
  }

  private static double digits(double value) {
    return Double.parseDouble(String.format(Locale.ROOT, "%.4g", value));
  }
}
