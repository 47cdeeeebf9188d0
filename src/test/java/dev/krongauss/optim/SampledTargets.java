package dev.krongauss.optim;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.reference.Algebra;
import dev.krongauss.testing.DeviceBatch;
import dev.krongauss.testing.Problem;
import dev.krongauss.testing.TestDevice;

/** ∂E/∂h at the targets that an optimiser with {@link #SEED} is about to sample. */
record SampledTargets(Problem problem) {
  static final long SEED = 9;

  /**
   * @param step from 1
   */
  double[][] draw(int step, DeviceBatch batch) {
    Device device = TestDevice.get();
    Stream s = device.stream();
    try (Arena arena = device.newArena("sampled")) {
      Buffer steps = arena.ints(1, "step");
      steps.uploadInts(new int[] {step}, s);
      Matrix h = problem.network().forward(batch, s);
      Matrix gradient = arena.matrix(h.rows(), h.columns(), "sampled gradient");
      problem
          .loss()
          .on(device)
          .sampledGradient(h, batch.targets(), SEED, steps.pointer(), gradient, s);
      return Algebra.matrix(gradient.download(s), h.rows(), h.columns());
    }
  }
}
