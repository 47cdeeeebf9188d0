package dev.krongauss.optim;

import dev.krongauss.curvature.Factors;
import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Control;
import dev.krongauss.kernel.Reduce;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.model.Model;
import java.util.ArrayList;
import java.util.List;

/**
 * How good the curvature is that a step was made with: along Δ, the exact Gauss-Newton matrix of
 * the batch, its diagonal blocks alone, and their Kronecker factors. The first over the second is
 * what the blocks beside the diagonal do, at most L; the second over the third is what the factors
 * do: expectations taken apart, averages of other batches, sampling.
 *
 * <p>Costs a forward-mode pass a layer, two products a layer, and memory for three gradients.
 */
final class Diagnostics {
  private final Operations operations;
  private final Stream stream;
  private final Scalars scalars;
  private final Reduce reduce;
  private final List<Matrix> zeros;
  private final List<Matrix> half;
  private final List<Matrix> product;
  private final Buffer blocks;
  private final Buffer negative;

  Diagnostics(Model model, Operations operations, Arena arena, Scalars scalars) {
    List<Matrix> W = model.parameters();
    this.operations = operations;
    this.stream = model.device().stream();
    this.scalars = scalars;
    this.reduce = new Reduce(model.device());
    this.zeros = FirstOrder.like(W, arena, "zero direction");
    this.half = FirstOrder.like(W, arena, "G direction");
    this.product = FirstOrder.like(W, arena, "-G direction Q");
    this.blocks = arena.floats(W.size(), "curvature of each block");
    this.negative = arena.floats(1, "negative modelled curvature");
  }

  /** Writes {@link Control#BLOCK_CURVATURE} and {@link Control#MODELLED_CURVATURE} of Δ. */
  void measure(Objective objective, List<Matrix> direction, Factors factors) {
    for (int l = 0; l < direction.size(); l++) {
      List<Matrix> alone = new ArrayList<>(zeros);
      alone.set(l, direction.get(l));
      objective.curvature(alone, blocks.at(l));
    }
    reduce.sum(stream, blocks.pointer(), zeros.size(), 1, scalars.at(Control.BLOCK_CURVATURE));
    operations.twoSided(stream, factors.allG(), direction, factors.allQ(), half, product);
    objective.dot(direction, product, negative.pointer());
    reduce.sum(stream, negative.pointer(), 1, -1, scalars.at(Control.MODELLED_CURVATURE));
  }
}
