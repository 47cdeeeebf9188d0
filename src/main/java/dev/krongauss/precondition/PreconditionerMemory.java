package dev.krongauss.precondition;

import dev.krongauss.curvature.FactorMemory;
import dev.krongauss.device.ArenaSize;
import dev.krongauss.device.Matrix;
import dev.krongauss.dist.Collective;
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
  /**
   * Counts averages, inverses and scratch; γ is somebody else's.
   *
   * @param owners of the layers
   * @param ranks that share out work; null for none
   */
  public void preconditioner(OperationsSize operations, LayerOwners owners, Collective ranks) {
    PreconditionerMemory own = of(owners);
    ArenaSize arena = operations.arena();
    own.factors.averages(operations);
    arena.like(own.factors.weights()); // G⁻¹ ∇
    own.inverses(arena);
    List<Matrix> all = own.interleaved();
    if (owners.shared()) {
      AgreedLadder.count(operations, all, owners);
    } else {
      operations.ladder(all);
      if (ranks != null && ranks.size() > 1) {
        SharedSolve.count(arena, factors.weights());
        SharedInverses.count(operations, ranks, all);
      }
    }
    int L = owners.layers();
    arena.floats((double) TraceDamping.CANDIDATES * all.size()); // dampings
    arena.ints(2.0 * TraceDamping.CANDIDATES * L); // infos
    arena.floats(all.size() / 2.0); // omegas
    arena.floats(2.0 * L); // traces
    arena.floats(TraceDamping.CANDIDATES); // gammas
  }

  /** That of the layers of this rank. */
  private PreconditionerMemory of(LayerOwners owners) {
    return new PreconditionerMemory(factors.of(owners.first(), owners.end()));
  }

  private List<Matrix> interleaved() {
    return DampedInverses.interleaved(factors.allQ(), factors.allG());
  }

  /** Counts what three values of γ at once take beside it. */
  public void candidates(OperationsSize operations) {
    ArenaSize arena = operations.arena();
    for (int c = 1; c < TraceDamping.CANDIDATES; c++) {
      inverses(arena);
    }
    operations.factorisation(interleaved(), TraceDamping.CANDIDATES);
    int L = factors.weights().size();
    arena.floats(2.0 * TraceDamping.CANDIDATES * L); // dampings
    arena.ints(2.0 * TraceDamping.CANDIDATES * L); // infos
    arena.floats(L); // omegas
    arena.floats(TraceDamping.CANDIDATES); // gammas
  }

  /**
   * Counts a rule of one step length a layer.
   *
   * @param owners of the layers
   */
  public void layerRule(ArenaSize arena, LayerOwners owners) {
    List<Matrix> weights = of(owners).factors.weights();
    int L = owners.layers();
    arena.like(weights); // the average of the gradient
    arena.floats((double) LayerRule.NUMBERS * L);
    arena.floats(owners.shared() ? (double) LayerRule.NUMBERS * weights.size() : 0);
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
