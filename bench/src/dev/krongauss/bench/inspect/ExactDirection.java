package dev.krongauss.bench.inspect;

import dev.krongauss.bench.DampedSolution;
import dev.krongauss.curvature.ExactMemory;
import dev.krongauss.curvature.ExactSpace;
import dev.krongauss.curvature.ExactSystem;
import dev.krongauss.device.Arena;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.model.LossFunction;
import dev.krongauss.net.Network;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The exact step of a case, Δ = −(C + (gamma2 + eta) I)⁻¹ g with the whole Gauss-Newton matrix C,
 * in the smaller of both spaces. Larger systems are left out unless the case asks for them.
 */
final class ExactDirection {
  /** Rows of the matrix that is solved without being asked for. */
  static final int LARGEST = 1024;

  private static final int REFINEMENTS = 20;

  private ExactDirection() {}

  /** Why it is left out; empty if it is not. */
  static Optional<String> leftOut(Case c) {
    long P = ExactMemory.parameters(c.sizes());
    int K = c.loss().rank(c.outputs());
    long residuals = (long) c.datapoints() * K;
    boolean sample = ExactSpace.SMALLER.of(c.datapoints(), K, P) == ExactSpace.SAMPLE;
    long rows = sample ? residuals : P;
    if (c.exact() || rows <= LARGEST) {
      return Optional.empty();
    }
    return Optional.of(
        String.format(
            Locale.ROOT,
            "%d weights and %d residuals give a matrix of %d rows, more than %d; ask for it with \"method\":"
                + " \"exact\"",
            P,
            residuals,
            rows,
            LARGEST));
  }

  /**
   * The step, shaped like the parameters.
   *
   * @param at the case's batch; its gradients are written anew, with the L2 term
   * @throws CaseException if the damping is too small for single precision
   */
  static List<Matrix> of(
      Case c,
      Network network,
      LossFunction.OnDevice loss,
      Operations operations,
      ExactSystem.Point at,
      Arena arena)
      throws CaseException {
    Stream s = network.device().stream();
    int N = c.datapoints();
    int K = c.loss().rank(c.outputs());
    ExactSpace space = ExactSpace.SMALLER.of(N, K, ExactMemory.parameters(c.sizes()));
    float damping = (float) (c.gamma2() + c.eta());
    List<Matrix> direction = new ArrayList<>();
    for (Matrix W : network.parameters()) {
      direction.add(arena.matrix(W.rows(), W.columns(), "exact direction"));
    }
    ExactSystem.Settings settings =
        new ExactSystem.Settings((float) c.eta(), REFINEMENTS, false, false);
    try (ExactSystem system =
        ExactSystem.of(space, network, c.loss(), loss, operations, settings, N)) {
      if (!DampedSolution.solve(system, at, damping, direction, arena, s).factorised()) {
        throw new CaseException(
            "gamma2",
            "the Gauss-Newton matrix is not positive definite in single precision with gamma2 + eta ="
                + " %.3g; raise gamma2",
            damping);
      }
    }
    return direction;
  }
}
