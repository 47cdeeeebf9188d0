package dev.krongauss.precondition;

import dev.krongauss.device.Matrix;

/**
 * A gradient or a direction as its owner keeps it, views of two pieces of device memory.
 *
 * @param weights of a dense layer {@code [out][in]} or {@code [in][out]}, with the bias as its last
 *     column or row where that is {@link Bias#COLUMN}; of an embedding {@code [rows][units]}; of a
 *     scale {@code [1][d]}
 * @param bias {@code [1][out]} where it is {@link Bias#SEPARATE}, of a scale with a shift {@code
 *     [1][d]}; else null
 */
public record LayerWeights(Matrix weights, Matrix bias) {
  /** Weights that have no bias, or have it in them. */
  public static LayerWeights of(Matrix weights) {
    return new LayerWeights(weights, null);
  }
}
