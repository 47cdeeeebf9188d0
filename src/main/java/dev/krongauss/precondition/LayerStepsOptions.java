package dev.krongauss.precondition;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Check;
import dev.krongauss.device.Matrix;
import dev.krongauss.kernel.Control;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Layers and settings of a {@link LayerSteps}.
 *
 * @param shapes rows and columns of each layer's weights
 * @param averageDecay NaN for no averages
 */
record LayerStepsOptions(
    List<int[]> shapes,
    float lambda,
    float leastLambda,
    float l2,
    int reductionEvery,
    float averageDecay) {
  private static final float GREATEST_LAMBDA = 1e8f;

  /** Matrices of the layers' shapes, 0. */
  List<Matrix> matrices(Arena arena, String name) {
    List<Matrix> result = new ArrayList<>();
    for (int[] shape : shapes) {
      result.add(arena.matrix(shape[0], shape[1], name + " " + (result.size() + 1)));
    }
    return result;
  }

  boolean averages() {
    return !Float.isNaN(averageDecay);
  }

  /** The slots of the scalar block before the first update, and a step length a layer. */
  float[] scalars() {
    float[] scalars = Arrays.copyOf(LayerRule.blank(), Control.SLOTS + shapes.size());
    scalars[Control.LAMBDA] = lambda;
    scalars[Control.GAMMA] = (float) Math.sqrt(lambda + l2);
    return scalars;
  }

  Control.Rules rules() {
    float growth = 1 / LayerRule.omega(reductionEvery);
    return new Control.Rules(l2, growth, GREATEST_LAMBDA, true, false, true, false);
  }

  float fall() {
    return LayerRule.fall(reductionEvery);
  }

  float omega() {
    return LayerRule.omega(reductionEvery);
  }

  float greatestLambda() {
    return GREATEST_LAMBDA;
  }

  /** One of each layer, of its shape. */
  void check(List<Matrix> matrices, String name) {
    Check.that(
        matrices.size() == shapes.size(),
        "%d %s for %d layers",
        matrices.size(),
        name,
        shapes.size());
    for (int l = 0; l < shapes.size(); l++) {
      int[] shape = shapes.get(l);
      Check.shape(matrices.get(l), shape[0], shape[1], name + " of layer " + l);
    }
  }
}
