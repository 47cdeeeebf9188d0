package dev.krongauss.diagnose;

import dev.krongauss.device.Check;

/**
 * What a trainer exports of one layer for one batch of N datapoints with T positions each; R = N·T.
 *
 * <p>Shapes are what should be; what has another one is a finding of the {@link Diagnosis}, not an
 * exception. Nothing is copied.
 *
 * @param activations ā {@code [R][d_{l-1} + 1]}, what entered the layer, last column 1
 * @param deltas δ {@code [R][d_l]}, ∂E/∂h of each datapoint's own loss E by the pre-activations
 * @param gradient ∂f/∂W {@code [d_l][d_{l-1} + 1]} of the mean loss, last column the bias, as the
 *     trainer computed it
 * @param weights W {@code [d_l][d_{l-1} + 1]}, or null: to find weight decay
 * @param previousGradient what the trainer had as the gradient in the update before, or null: to
 *     find momentum and gradients that were not zeroed
 * @param previousActivations ā of the batch before, or null: to find stale ones
 * @param bias whether the layer has a bias
 */
public record LayerArrays(
    Values activations,
    Values deltas,
    Values gradient,
    Values weights,
    Values previousGradient,
    Values previousActivations,
    boolean bias) {
  /**
   * Checks that the first three are there.
   *
   * @throws IllegalArgumentException if one is null
   */
  public LayerArrays {
    Check.that(
        activations != null && deltas != null && gradient != null,
        "a layer needs activations, pre-activation gradients and its gradient; one of them is null");
  }

  /**
   * A layer with a bias.
   *
   * @throws IllegalArgumentException if an argument is null
   */
  public LayerArrays(Values activations, Values deltas, Values gradient) {
    this(activations, deltas, gradient, null, null, null, true);
  }

  /** The same with its weights, as they were when the gradient was computed. */
  public LayerArrays withWeights(Values W) {
    return new LayerArrays(
        activations, deltas, gradient, W, previousGradient, previousActivations, bias);
  }

  /** The same with the gradient of the update before. */
  public LayerArrays withPreviousGradient(Values g) {
    return new LayerArrays(activations, deltas, gradient, weights, g, previousActivations, bias);
  }

  /** The same with the activations of the batch before. */
  public LayerArrays withPreviousActivations(Values a) {
    return new LayerArrays(activations, deltas, gradient, weights, previousGradient, a, bias);
  }

  /** The same for a layer without a bias: no column of ones in any of its matrices. */
  public LayerArrays withoutBias() {
    return new LayerArrays(
        activations, deltas, gradient, weights, previousGradient, previousActivations, false);
  }
}
