package dev.krongauss.diagnose;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * What a factor is called by which a gradient is not the mean.
 *
 * @param fault null for the factor 1
 * @param value the factor
 * @param words what it is
 */
record Factor(Fault fault, double value, String words) {
  private static final int LEAST_POWER = 3;
  private static final int MOST_POWER = 24;

  boolean isOne() {
    return fault == null;
  }

  /**
   * The known factors, likely ones first.
   *
   * @param known whether δ are known to be those of each datapoint's own loss
   */
  static List<Factor> known(Batch batch, boolean known) {
    List<Factor> factors = new ArrayList<>();
    double N = batch.N();
    factors.add(new Factor(null, 1, "1"));
    if (N > 1) {
      factors.add(new Factor(known ? Fault.SUMMED : Fault.SUMMED_OR_DIVIDED, N, "N"));
      factors.add(new Factor(Fault.DIVIDED_TWICE, 1 / N, "1/N"));
    }
    if (batch.T() > 1) {
      factors.add(new Factor(Fault.POSITIONS_AVERAGED, 1.0 / batch.T(), "1/T"));
    }
    if (batch.outputs() > 1) {
      factors.add(new Factor(Fault.OUTPUTS_AVERAGED, 1.0 / batch.outputs(), "1/outputs"));
    }
    factors.add(new Factor(Fault.NEGATED, -1, "-1"));
    for (int k = LEAST_POWER; k <= MOST_POWER; k++) {
      factors.add(new Factor(Fault.LOSS_SCALED, Math.scalb(1.0, k), "2^" + k));
      factors.add(new Factor(Fault.LOSS_SCALED, Math.scalb(1.0, -k), "2^-" + k));
    }
    return factors;
  }

  /** A factor without a name; one near 1 whose inverse makes a whole count of N is that count. */
  static Factor of(double q, Batch batch, Comparison part, double unit) {
    double count = batch.N() / q;
    double whole = Math.rint(count);
    if (q > 0
        && !isShort(q)
        && whole != batch.N()
        && Math.abs(Math.log(q)) <= Math.log(4)
        && part.is(unit * batch.N() / whole)) {
      return new Factor(Fault.OTHER_COUNT, whole, "N over %.0f".formatted(whole));
    }
    return new Factor(q < 0 ? Fault.NEGATED : Fault.SCALED, q, shown(q));
  }

  /** The first of these that a part is, then all others that are the same number. */
  static Factor first(List<Factor> factors, Comparison part, double unit) {
    for (Factor each : factors) {
      if (part.is(each.value * unit)) {
        return each.withNamesOf(factors);
      }
    }
    return null;
  }

  private Factor withNamesOf(List<Factor> factors) {
    String names =
        factors.stream()
            .filter(other -> other.value == value)
            .map(Factor::words)
            .collect(Collectors.joining(" = "));
    return new Factor(
        fault, value, names.equals(shown(value)) ? names : names + " = " + shown(value));
  }

  /** Whether it has two digits or fewer, as factors that people choose have. */
  private static boolean isShort(double q) {
    double rounded = Double.parseDouble(String.format(Locale.ROOT, "%.1e", q));
    return Math.abs(q - rounded) <= 1e-5 * Math.abs(q);
  }

  static String shown(double q) {
    return String.format(Locale.ROOT, "%.5g", q)
        .replaceFirst("(\\.\\d*?)0+(e|$)", "$1$2")
        .replaceFirst("\\.(e|$)", "$1");
  }
}
