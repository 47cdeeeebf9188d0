package dev.krongauss.diagnose;

import java.util.Optional;
import java.util.function.Supplier;

/**
 * A way in which the gradient may have come about.
 *
 * @param number for the finding
 * @param words for its sentence, behind "the gradient is right for"
 * @param parts weights and bias of the gradient beside what the way makes of them; empty where it
 *     is plainly another one
 */
record Hypothesis(Fault fault, double number, String words, Supplier<Optional<Pair>> parts) {
  /**
   * Weights and bias, the latter null without one.
   *
   * @param weights of the gradient beside those of the hypothesis
   */
  record Pair(Comparison weights, Comparison bias) {
    /** Whether both are c times what they should be. */
    boolean are(double c) {
      return weights.is(c) && (bias == null || bias.is(c));
    }

    /** Whether both are the same multiple, and that can be told. */
    boolean areMultiples() {
      return weights.elements() > 1
          && weights.isMultiple()
          && (bias == null || !bias.tells() || bias.isAsMuchAs(weights));
    }
  }
}
