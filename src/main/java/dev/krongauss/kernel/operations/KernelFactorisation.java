package dev.krongauss.kernel.operations;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Cholesky;
import java.util.List;

/**
 * This project's factorisation and inverse: all matrices and candidates in one launch.
 *
 * @param plan of the launch
 */
record KernelFactorisation(Cholesky.Plan plan) implements Factorisation {
  /** Allocates from {@code arena} and waits, once. */
  static KernelFactorisation of(Device device, Arena arena, List<Matrix> S, List<List<Matrix>> X) {
    return new KernelFactorisation(new Cholesky(device).plan(arena, S, X));
  }

  @Override
  public void run(Stream s, long damping, long info) {
    plan.factoriseAndInvert(s, damping, info, 0);
  }
}
