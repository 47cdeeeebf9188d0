package dev.krongauss.precondition;

import java.util.Locale;

/** Says in words why a factor has no inverse. Factor 2 l is Q of layer l from 0, 2 l + 1 its G. */
final class FactorFailure {
  private FactorFailure() {}

  /** See {@link Preconditioner#describeFailure}. */
  static String notPositiveDefinite(int factor, int column, double gamma) {
    return String.format(
        Locale.ROOT,
        "factor %s of layer %d is not positive definite at column %d even with gamma = %.3g; the usual causes are"
            + " non-finite activations or gradients, or a damping below the factor's rounding error: raise gamma",
        letter(factor),
        factor / 2 + 1,
        column,
        gamma);
  }

  static String noBatch(int factor) {
    return String.format(
        Locale.ROOT,
        "factor %s of layer %d has no batch; call accumulate before refresh, and where it was captured launch"
            + " its graph first",
        letter(factor),
        factor / 2 + 1);
  }

  private static String letter(int factor) {
    return factor % 2 == 0 ? "Q" : "G";
  }
}
