package dev.krongauss.curvature;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Hadamard;
import dev.krongauss.kernel.Reduce;
import dev.krongauss.model.LossFunction;
import dev.krongauss.model.Model;
import java.util.List;

/**
 * Products with the exact Gauss-Newton matrix 1/N Σ Jᵀ H_L J of a batch: forward mode, the loss'
 * curvature, backward mode. Of a model it uses its own {@link Model#tangent} and {@link
 * Model#backward}, of a loss {@link LossFunction.OnDevice#curvatureVector}.
 *
 * <p>Source: Botev, Ritter, Barber 2017; N. Schraudolph, "Fast curvature matrix-vector products for
 * second-order gradient descent", 2002.
 */
public final class GaussNewtonProduct implements CurvatureProduct {
  private final Model model;
  private final LossFunction lossFunction;
  private final LossFunction.OnDevice loss;
  private final Hadamard hadamard;
  private Arena arena;
  private Matrix curved;
  private Matrix h;
  private Matrix t;

  /** Of this model, with this loss; memory comes with the first {@link #at}. */
  public GaussNewtonProduct(Model model, LossFunction loss) {
    this.model = model;
    this.lossFunction = loss;
    this.loss = loss.on(model.device());
    this.hadamard = new Hadamard(model.device());
  }

  /**
   * Writes Δᵀ 𝒢 Δ = E[vᵀ H_L v], v = J Δ, to the device float at {@code out}.
   *
   * @param direction Δ_1 … Δ_L
   * @param h output [N][d_L] of the last forward pass
   * @param t targets [N][m]
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
   * @param t targets [N][m]
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

  @Override
  public void at(Matrix h, Matrix t, Stream s) {
    Directions.output(model, lossFunction, h, t);
    if (curved == null || curved.rows() != h.rows()) {
      release();
      arena = model.device().newArena("Gauss-Newton products");
      curved = arena.matrix(h.rows(), h.columns(), "H v");
    }
    this.h = h;
    this.t = t;
  }

  @Override
  public void apply(List<Matrix> direction, float damping, List<Matrix> product, Stream s) {
    Directions.check(model, direction, damping, product);
    Directions.ready(h != null);
    loss.curvatureVector(h, t, model.tangent(direction, s), curved, s);
    model.backward(curved, 0, product, s);
    for (int l = 0; damping != 0 && l < product.size(); l++) {
      hadamard.add(s, product.get(l), damping, direction.get(l), product.get(l));
    }
  }

  @Override
  public void close() {
    release();
    loss.close();
  }

  private void release() {
    if (arena != null) {
      arena.close();
      arena = null;
      curved = null;
      h = null;
    }
  }
}
