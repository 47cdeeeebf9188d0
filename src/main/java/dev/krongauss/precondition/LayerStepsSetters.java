package dev.krongauss.precondition;

import dev.krongauss.device.Check;
import java.util.ArrayList;
import java.util.List;

/** Settings of the builder, apart so that {@link LayerSteps} reads as what it does. */
abstract class LayerStepsSetters<T extends LayerStepsSetters<T>> {
  private final List<int[]> shapes = new ArrayList<>();
  private float lambda = LayerRule.LAMBDA;
  private float leastLambda = LayerRule.LEAST_LAMBDA;
  private float l2 = 1e-5f;
  private int reductionEvery = 10;
  private float averageDecay = Float.NaN;

  LayerStepsSetters() {}

  @SuppressWarnings("unchecked")
  private T self() {
    return (T) this;
  }

  /**
   * @throws IllegalArgumentException if there is no layer
   */
  LayerStepsOptions options() {
    Check.that(!shapes.isEmpty(), "steps of no layer; add .layer(activations, units)");
    float floor = Math.min(leastLambda, lambda); // a start below the floor is its own floor
    return new LayerStepsOptions(
        List.copyOf(shapes), lambda, floor, l2, reductionEvery, averageDecay);
  }

  /**
   * Adds a layer, in the preconditioner's order.
   *
   * @param activations columns of its activations, the homogeneous 1 included: d_{l-1} + 1
   * @param units d_l
   */
  public T layer(int activations, int units) {
    Check.that(
        activations >= 1 && units >= 1,
        "layer %d of %d activations and %d units",
        shapes.size() + 1,
        activations,
        units);
    shapes.add(new int[] {units, activations});
    return self();
  }

  /** λ of the first update; default 5e-3. */
  public T lambda(double value) {
    lambda = positive(value, "lambda", LayerRule.LAMBDA);
    return self();
  }

  /** The least λ that its rule chooses, or the first one where that is less; default 3e-4. */
  public T leastLambda(double value) {
    leastLambda = positive(value, "leastLambda", LayerRule.LEAST_LAMBDA);
    return self();
  }

  /** η of the objective's η/2 ‖W‖², whose ηW the caller's gradients hold; default 1e-5. */
  public T l2(double value) {
    Check.that(
        value >= 0 && Float.isFinite((float) value),
        "L2 weight %s must be at least 0, for example 1e-5",
        value);
    l2 = (float) value;
    return self();
  }

  /**
   * Updates from one {@link LayerSteps#reduction} to the next, which sizes λ's changes; default 10.
   */
  public T reductionEvery(int updates) {
    Check.that(updates >= 1, "reductionEvery %d must be at least 1", updates);
    reductionEvery = updates;
    return self();
  }

  /**
   * Averages the weights over the accepted updates, the past of k with weight min(decay, 1 − 1/k):
   * {@link LayerSteps#averages}. Without a call there are none.
   *
   * @param decay in [0, 1), for example 0.99
   */
  public T averageOfWeights(double decay) {
    Check.that(
        decay >= 0 && (float) decay < 1,
        "decay %s of the averaged weights is outside of [0, 1), for example 0.99",
        decay);
    averageDecay = (float) decay;
    return self();
  }

  private static float positive(double value, String name, float example) {
    float rounded = (float) value;
    Check.that(
        rounded > 0 && Float.isFinite(rounded),
        "%s %s must be positive and finite, for example %s",
        name,
        value,
        example);
    return rounded;
  }
}
