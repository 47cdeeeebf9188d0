package dev.krongauss.precondition;

import dev.krongauss.curvature.Factors;
import dev.krongauss.device.Arena;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.dist.Collective;
import dev.krongauss.kernel.operations.Operations;
import java.util.ArrayList;
import java.util.List;

/**
 * Δ = −A ∇ B with the inverses A of damped G (or its diagonal) and B of damped Q, of one layer or
 * of all; and the memory for A ∇, because of which Δ may take the place of ∇.
 */
final class TwoSidedSolve {
  private final Operations operations;
  private final LayerShapes shapes;
  private final Refreshes refreshes;
  private final List<Matrix> halfway = new ArrayList<>();
  private final SharedSolve shared; // null for one rank alone

  /**
   * @param factors of the same shapes as the inverses
   * @param ranks that solves of all layers are shared out over; null for none
   */
  TwoSidedSolve(
      Device device,
      Arena arena,
      Operations operations,
      Factors factors,
      LayerShapes shapes,
      Refreshes refreshes,
      Collective ranks) {
    this.operations = operations;
    this.shapes = shapes;
    this.refreshes = refreshes;
    for (int l = 0; l < factors.layers(); l++) {
      String name = "G^-1 gradient " + (l + 1);
      halfway.add(arena.matrix(factors.G(l).columns(), factors.Q(l).rows(), name));
    }
    shared =
        ranks == null || ranks.size() == 1
            ? null
            : new SharedSolve(device, operations, arena, ranks, factors, halfway);
  }

  /**
   * Of one layer, from 0.
   *
   * @throws IllegalStateException before the first refresh, or if the preconditioner is closed
   */
  void run(int layer, Matrix A, Matrix gradient, Matrix B, Matrix direction, Stream s) {
    refreshes.check(s);
    shapes.checkGradient(layer, gradient, direction);
    operations.solves(
        s,
        List.of(A),
        List.of(gradient),
        List.of(B),
        List.of(halfway.get(layer)),
        List.of(direction));
  }

  /**
   * Of all layers at once.
   *
   * @throws IllegalStateException before the first refresh, or if the preconditioner is closed
   */
  void run(
      List<Matrix> A, List<Matrix> gradients, List<Matrix> B, List<Matrix> directions, Stream s) {
    shapes.checkCounts(gradients, directions);
    refreshes.check(s);
    for (int l = 0; l < halfway.size(); l++) {
      shapes.checkGradient(l, gradients.get(l), directions.get(l));
    }
    if (shared == null) {
      operations.solves(s, A, gradients, B, halfway, directions);
    } else {
      shared.run(A, gradients, B, halfway, directions, s);
    }
  }
}
