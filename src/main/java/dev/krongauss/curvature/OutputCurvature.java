package dev.krongauss.curvature;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Check;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.model.LossFunction;

/** G_L of a batch: the mean Hessian of the loss, or its diagonal where that is all there is. */
final class OutputCurvature {
  private final LossFunction.OnDevice loss;
  private final boolean diagonal;
  private final Matrix scratch;
  private final Matrix G;

  /**
   * @param h output {@code [N][d_L]} of the batches
   * @param diagonal whether G is {@code [1][d_L]}
   * @throws IllegalArgumentException if a diagonal is asked of a loss that has none
   */
  OutputCurvature(
      Arena arena, LossFunction function, LossFunction.OnDevice loss, Matrix h, boolean diagonal) {
    Check.that(
        !diagonal || function.diagonalHessian(),
        "the factors keep G of the last layer as its diagonal, but the Hessian of loss '%s' is not"
            + " diagonal; keep the whole matrix",
        function.name());
    this.loss = loss;
    this.diagonal = diagonal;
    scratch = arena.matrix(h.rows(), h.columns(), "output scratch");
    G = arena.matrix(diagonal ? 1 : h.columns(), h.columns(), "batch G of the outputs");
  }

  /** Where it is computed. */
  Matrix G() {
    return G;
  }

  void compute(Matrix h, Matrix t, Stream s) {
    if (diagonal) {
      loss.meanHessianDiagonal(h, t, scratch, G, s);
    } else {
      loss.meanHessian(h, t, scratch, G, s);
    }
  }
}
