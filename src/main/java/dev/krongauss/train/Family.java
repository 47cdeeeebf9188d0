package dev.krongauss.train;

import dev.krongauss.model.LossFunction;
import dev.krongauss.net.LossNames;

/** The losses whose outputs mean something known. */
enum Family {
  SQUARED,
  BERNOULLI,
  SOFTMAX,
  MIXTURE,
  /** A user's own: only its value is known. */
  OWN;

  private static final String WEIGHTED = "weighted ";

  /** Weights apart. */
  static Family of(LossFunction loss) {
    String name = LossNames.of(loss);
    String inner = weighted(loss) ? name.substring(WEIGHTED.length()) : name;
    return switch (inner) {
      case "squared" -> SQUARED;
      case "bernoulli" -> BERNOULLI;
      case "softmax" -> SOFTMAX;
      case "mixture (outcome)", "mixture (logit)" -> MIXTURE;
      default -> OWN;
    };
  }

  /** Whether the last column of the targets is a weight. */
  static boolean weighted(LossFunction loss) {
    return LossNames.of(loss).startsWith(WEIGHTED);
  }
}
