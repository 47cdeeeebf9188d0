package dev.krongauss.kernel.operations;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Cholesky;
import java.util.List;

/**
 * This project's factorisation and inverse: all matrices and candidates in one launch, and the
 * diagonal ones in another.
 *
 * @param plan of the first launch
 * @param diagonals of the second one
 */
record KernelFactorisation(Cholesky.Plan plan, Diagonals diagonals) implements Factorisation {
  /** Allocates from {@code arena} and waits, once. */
  static KernelFactorisation of(Device device, Arena arena, List<Matrix> S, List<List<Matrix>> X) {
    Diagonals diagonals = new Diagonals(device, S, X);
    Cholesky.Plan plan =
        new Cholesky(device)
            .plan(
                arena,
                diagonals.others(S),
                X.stream().map(diagonals::others).toList(),
                diagonals.others(),
                S.size());
    return new KernelFactorisation(plan, diagonals);
  }

  @Override
  public void run(Stream s, long damping, long info) {
    plan.factoriseAndInvert(s, damping, info, 0);
    diagonals.run(s, damping, info);
  }

  /** As {@link Cholesky.Plan#retry}. */
  void retry(Stream s, long damping, long info, long before, int launches) {
    plan.retry(s, damping, info, before, launches);
    diagonals.retry(s, damping, info, before, launches);
  }
}
