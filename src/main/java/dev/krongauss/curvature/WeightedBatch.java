package dev.krongauss.curvature;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Weights;
import java.util.ArrayList;
import java.util.List;

/**
 * Matrices of a batch with √(w_n / mean w) times the row of each datapoint, so that their second
 * moments are averages with the weights: a datapoint of weight 2 counts as two.
 */
final class WeightedBatch {
  private final Weights weights;
  private final Matrix relative;
  private final List<Matrix> activations;
  private final List<Matrix> derivatives;

  /** Takes memory beside that of the batch's matrices, whose shapes these are. */
  WeightedBatch(Arena arena, Weights weights, List<Matrix> activations, List<Matrix> derivatives) {
    int N = activations.get(0).rows();
    this.weights = weights;
    this.activations = like(activations, arena, "weighted a");
    this.derivatives = like(derivatives, arena, "weighted b");
    this.relative = Matrix.wrap(arena.floats(N, "relative weights").pointer(), N, 1, 1);
  }

  /**
   * Weights the matrices of a batch.
   *
   * @param w {@code [N][1]}
   */
  void enter(Matrix w, List<Matrix> ofActivations, List<Matrix> ofDerivatives, Stream s) {
    weights.relative(s, w, relative);
    scale(ofActivations, activations, s);
    scale(ofDerivatives, derivatives, s);
  }

  List<Matrix> activations() {
    return activations;
  }

  List<Matrix> derivatives() {
    return derivatives;
  }

  private void scale(List<Matrix> matrices, List<Matrix> results, Stream s) {
    for (int l = 0; l < matrices.size(); l++) {
      weights.scaleByRoot(s, relative, matrices.get(l), results.get(l));
    }
  }

  private static List<Matrix> like(List<Matrix> matrices, Arena arena, String name) {
    List<Matrix> result = new ArrayList<>();
    for (Matrix m : matrices) {
      result.add(arena.matrix(m.rows(), m.columns(), name + result.size()));
    }
    return result;
  }
}
