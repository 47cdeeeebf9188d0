package dev.krongauss.optim;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.model.LossFunction;
import dev.krongauss.model.Model;
import dev.krongauss.precondition.LayerOwners;
import dev.krongauss.precondition.Preconditioner;
import dev.krongauss.precondition.SharedDirections;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * What the stages of an update share.
 *
 * @param arena closed by the stages
 * @param owners of the layers' factors, gradients and their averages
 * @param gradients g of the batch, L2 term included, shaped like the parameters; null where another
 *     rank has it
 * @param shared gives all ranks the directions of each; null where this one has all layers
 * @param direction Δ before its scaling, shaped like the parameters
 * @param mean of the weights; null for none
 */
record UpdateMemory(
    Model model,
    LossFunction.OnDevice loss,
    GaussNewtonOptions options,
    Arena arena,
    Scalars scalars,
    LayerOwners owners,
    Preconditioner preconditioner,
    Objective objective,
    List<Matrix> gradients,
    SharedDirections shared,
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
    List<Matrix> W = model.parameters();
    LayerOwners owners = options.owners(W, diagonalTop);
    SharedDirections shared =
        owners.shared() ? new SharedDirections(model.device(), arena, owners, W) : null;
    return new UpdateMemory(
        model,
        loss,
        options,
        arena,
        scalars,
        owners,
        options.preconditioner(model, scalars, diagonalTop, owners),
        new Objective(model, loss, arena, scalars, options),
        gradients(model, arena, owners),
        shared,
        shared == null ? FirstOrder.like(W, arena, "direction") : shared.directions(),
        options.averages ? new IterateMean(model, arena, scalars, options.averageDecay) : null);
  }

  private static List<Matrix> gradients(Model model, Arena arena, LayerOwners owners) {
    List<Matrix> gradients = FirstOrder.like(owners.own(model.parameters()), arena, "gradient");
    List<Matrix> all = new ArrayList<>(Collections.nCopies(owners.layers(), null));
    for (int k = 0; k < gradients.size(); k++) {
      all.set(owners.first() + k, gradients.get(k));
    }
    return all;
  }

  Stream stream() {
    return model.device().stream();
  }
}
