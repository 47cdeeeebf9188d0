package dev.krongauss.optim;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.model.LossFunction;
import dev.krongauss.model.Model;
import dev.krongauss.precondition.Preconditioner;
import java.util.List;

/**
 * What the stages of an update share.
 *
 * @param arena closed by the stages
 * @param gradients g of the batch, L2 term included, shaped like the parameters
 * @param direction Δ before its scaling, shaped like the parameters
 * @param mean of the weights; null for none
 */
record UpdateMemory(
    Model model,
    LossFunction.OnDevice loss,
    GaussNewtonOptions options,
    Arena arena,
    Scalars scalars,
    Preconditioner preconditioner,
    Objective objective,
    List<Matrix> gradients,
    List<Matrix> direction,
    IterateMean mean) {
  /**
   * Allocates it.
   *
   * @param diagonalTop whether the last layer's G is a vector
   */
  static UpdateMemory of(
      Model model,
      LossFunction.OnDevice loss,
      GaussNewtonOptions options,
      Arena arena,
      Scalars scalars,
      boolean diagonalTop) {
    return new UpdateMemory(
        model,
        loss,
        options,
        arena,
        scalars,
        options.preconditioner(model, scalars, diagonalTop),
        new Objective(model, loss, arena, scalars, options),
        FirstOrder.like(model.parameters(), arena, "gradient"),
        FirstOrder.like(model.parameters(), arena, "direction"),
        options.averages ? new IterateMean(model, arena, scalars, options.averageDecay) : null);
  }

  Stream stream() {
    return model.device().stream();
  }
}
