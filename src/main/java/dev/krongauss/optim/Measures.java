package dev.krongauss.optim;

import dev.krongauss.curvature.GaussNewtonProduct;
import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Reduce;
import dev.krongauss.model.Batch;
import dev.krongauss.model.LossFunction;
import dev.krongauss.model.Model;
import java.util.List;

/** The numbers of a Gauss-Newton update that its rules decide by, computed on the device. */
final class Measures {
  private final Model model;
  private final LossFunction.OnDevice loss;
  private final boolean curvature;
  private final Stream stream;
  private final Reduce reduce;
  private final Buffer scratch;

  /**
   * @param curvature whether a rule needs the exact curvature along a direction
   */
  Measures(Model model, LossFunction.OnDevice loss, Arena arena, boolean curvature) {
    this.model = model;
    this.loss = loss;
    this.curvature = curvature;
    this.stream = model.device().stream();
    this.reduce = new Reduce(model.device());
    this.scratch = arena.floats(reduce.scratchFloats(model.parameters()), "reduction scratch");
  }

  /** Mean of the losses of N datapoints. */
  void mean(Buffer perDatapoint, int N, long out) {
    reduce.sum(stream, perDatapoint.pointer(), N, 1f / N, out);
  }

  /** ‖θ‖². */
  void norm2(long out) {
    List<Matrix> W = model.parameters();
    reduce.dot(stream, W, W, scratch.pointer(), out);
  }

  /**
   * The quadratic model along Δ: ⟨Δ, g⟩, ‖Δ‖² and E[vᵀ H v] with v = J Δ.
   *
   * @param h outputs of the last forward pass, which was that of {@code batch}
   * @param perDatapoint scratch, a float a datapoint
   * @param out address of three floats in this order; the third is left as it is where no rule
   *     needs it
   */
  void quadratic(
      List<Matrix> direction,
      List<Matrix> gradients,
      Matrix h,
      Batch batch,
      Buffer perDatapoint,
      long out) {
    if (curvature) {
      GaussNewtonProduct.quadratic(
          model, loss, reduce, direction, h, batch.targets(), perDatapoint, out + 8, stream);
    }
    reduce.dotAndNorm(stream, direction, gradients, scratch.pointer(), out, out + 4);
  }
}
