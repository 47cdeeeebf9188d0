package dev.krongauss.precondition;

import java.util.Objects;

/**
 * A gradient or a direction in host memory, in the layout that its layer was given ({@link
 * LayerWeights} says the shapes).
 *
 * @param weights the matrix, or the scale {@code [1][d]}
 * @param bias {@code [1][out]} where it is {@link Bias#SEPARATE}, or the shift {@code [1][d]}; else
 *     null
 */
public record HostWeights(HostRows weights, HostRows bias) {
  /** Checks that the matrix is there. */
  public HostWeights {
    Objects.requireNonNull(weights, "weights");
  }

  /** Weights that have no bias, or have it in them. */
  public static HostWeights of(HostRows weights) {
    return new HostWeights(weights, null);
  }
}
