package dev.krongauss.curvature;

import dev.krongauss.device.Buffer;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Reduce;
import dev.krongauss.model.LossFunction;
import dev.krongauss.model.Model;
import java.util.List;

/**
 * The exact Gauss-Newton matrix of the batch of the last forward pass, seen through a direction.
 */
public final class GaussNewtonProduct {
  private GaussNewtonProduct() {}

  /**
   * Writes Δᵀ 𝒢 Δ = E[vᵀ H_L v], v = J Δ, to the device float at {@code out}.
   *
   * @param direction Δ_1 … Δ_L
   * @param h output [N][d_L] of the last forward pass
   * @param t targets [N][d_L]
   * @param perDatapoint scratch of at least N floats
   * @return v, the model's
   */
  public static Matrix quadratic(
      Model model,
      LossFunction.OnDevice loss,
      Reduce reduce,
      List<Matrix> direction,
      Matrix h,
      Matrix t,
      Buffer perDatapoint,
      long out,
      Stream s) {
    Matrix v = model.tangent(direction, s);
    curvature(loss, reduce, v, h, t, perDatapoint, out, s);
    return v;
  }

  /**
   * Writes E[vᵀ H_L v] to the device float at {@code out}.
   *
   * @param v changes of the outputs [N][d_L]
   * @param h output [N][d_L]
   * @param t targets [N][d_L]
   * @param perDatapoint scratch of at least N floats
   */
  public static void curvature(
      LossFunction.OnDevice loss,
      Reduce reduce,
      Matrix v,
      Matrix h,
      Matrix t,
      Buffer perDatapoint,
      long out,
      Stream s) {
    loss.hessianProduct(h, t, v, perDatapoint.pointer(), s);
    reduce.sum(s, perDatapoint.pointer(), h.rows(), 1f / h.rows(), out);
  }
}
