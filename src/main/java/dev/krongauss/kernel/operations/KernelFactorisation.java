package dev.krongauss.kernel.operations;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.kernel.Cholesky;
import java.util.List;

/** This project's factorisation and inverse: all matrices and dampings in one launch. */
final class KernelFactorisation {
  private KernelFactorisation() {}

  /** Allocates from {@code arena} and waits, once. */
  static Factorisation of(Device device, Arena arena, List<Matrix> S, List<List<Matrix>> X) {
    Cholesky.Plan plan = new Cholesky(device).plan(arena, S, X);
    return (s, damping, info) -> plan.factoriseAndInvert(s, damping, info, 0);
  }

  /**
   * The same matrices with higher and higher damping, until all of them are positive definite.
   *
   * @param first computes the first rung, where somebody is faster than the kernel, which then ends
   *     at once if that has held; else null
   */
  static Factorisation ladder(
      Device device, Arena arena, List<Matrix> S, List<Matrix> X, Factorisation first, int rungs) {
    Cholesky.Plan plan = new Cholesky(device).plan(arena, S, List.of(X));
    if (first == null) {
      return (s, damping, info) -> plan.climb(s, damping, info, 0, rungs);
    }
    return (s, damping, info) -> {
      first.run(s, damping, info);
      plan.climb(s, damping, info, 1, rungs);
    };
  }
}
