package dev.krongauss.net;

import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.model.LossFunction;

/** A loss that averages its Hessians with weights by itself, without their square roots. */
interface WeightedMean extends LossFunction.OnDevice {
  /**
   * 1/N Σ w_n ∂²E_n/∂h²; a datapoint of weight 0 does not enter.
   *
   * @param h [N][d]
   * @param t [N][m]
   * @param w [N][1], or null for ones
   * @param scratch [N][d]
   * @param H [d][d], lower triangle
   */
  void meanHessian(Matrix h, Matrix t, Matrix w, Matrix scratch, Matrix H, Stream stream);

  /**
   * The diagonal of that alone, for a loss whose Hessian is diagonal.
   *
   * @param diagonal [1][d]
   */
  void meanHessianDiagonal(
      Matrix h, Matrix t, Matrix w, Matrix scratch, Matrix diagonal, Stream stream);

  @Override
  default void meanHessianDiagonal(
      Matrix h, Matrix t, Matrix scratch, Matrix diagonal, Stream stream) {
    meanHessianDiagonal(h, t, null, scratch, diagonal, stream);
  }

  @Override
  default void meanHessian(Matrix h, Matrix t, Matrix scratch, Matrix H, Stream stream) {
    meanHessian(h, t, null, scratch, H, stream);
  }
}
