package dev.krongauss.precondition;

import dev.krongauss.curvature.FactorMemory;
import dev.krongauss.device.ArenaSize;
import dev.krongauss.device.Matrix;
import dev.krongauss.kernel.Coefficients;
import dev.krongauss.kernel.GradientAverage;
import dev.krongauss.kernel.LayerMeasures;
import dev.krongauss.kernel.TraceDamping;
import dev.krongauss.kernel.operations.OperationsSize;
import java.util.List;

/**
 * The memory of a {@link Preconditioner} of fully connected layers, its {@link DampingCandidates}
 * and a {@link LayerRule}, counted without a device.
 *
 * @param factors shapes of the layers
 */
public record PreconditionerMemory(FactorMemory factors) {
  /** Counts averages, inverses and scratch; γ is somebody else's. */
  public void preconditioner(OperationsSize operations) {
    ArenaSize arena = operations.arena();
    factors.averages(operations);
    arena.like(factors.weights()); // G⁻¹ ∇
    inverses(arena);
    operations.ladder(DampedInverses.interleaved(factors.allQ(), factors.allG()));
    int L = factors.weights().size();
    arena.floats(2.0 * TraceDamping.CANDIDATES * L); // dampings
    arena.ints(2.0 * TraceDamping.CANDIDATES * L); // infos
    arena.floats(L); // omegas
    arena.floats(2.0 * L); // traces
    arena.floats(TraceDamping.CANDIDATES); // gammas
  }

  /** Counts what three values of γ at once take beside it. */
  public void candidates(OperationsSize operations) {
    ArenaSize arena = operations.arena();
    for (int c = 1; c < TraceDamping.CANDIDATES; c++) {
      inverses(arena);
    }
    List<Matrix> all = DampedInverses.interleaved(factors.allQ(), factors.allG());
    operations.factorisation(all, TraceDamping.CANDIDATES);
    int L = factors.weights().size();
    arena.floats(2.0 * TraceDamping.CANDIDATES * L); // dampings
    arena.ints(2.0 * TraceDamping.CANDIDATES * L); // infos
    arena.floats(L); // omegas
    arena.floats(TraceDamping.CANDIDATES); // gammas
  }

  /** Counts a rule of one step length a layer. */
  public void layerRule(ArenaSize arena) {
    List<Matrix> weights = factors.weights();
    int L = weights.size();
    arena.like(weights); // the average of the gradient
    arena.floats((double) LayerRule.NUMBERS * L);
    arena.floats(GradientAverage.scratchFloats(weights));
    arena.floats(LayerMeasures.scratchFloats(weights));
    arena.floats(2.0 * L); // traces
    arena.floats(2.0 * Coefficients.scratchDoubles(L));
  }

  private void inverses(ArenaSize arena) {
    arena.like(factors.allQ());
    arena.like(factors.allG());
  }
}
