package dev.krongauss.optim;

import static dev.krongauss.optim.GraphsSetting.with;
import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.device.Device;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.testing.DeviceBatch;
import dev.krongauss.testing.Problem;
import dev.krongauss.testing.Setups;
import dev.krongauss.testing.TestDevice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Updates replayed from a graph notice that the batch has another size or another place. */
final class ReplayedBatchesTest {
  @Test
  void anotherBatchSizeAndAPassInBetweenAreNoticed() {
    for (Operations.Mode mode : Problem.modes()) {
      assertThat(disturbed(mode, "on")).isDeepEqualTo(disturbed(mode, "off"));
    }
  }

  /** As the second place appears, graphs of the first are dropped; then both are copied from. */
  @Test
  void aBatchThatMovesIsNoticed() {
    Operations.Mode mode = Problem.modes().get(1);
    assertThat(moving(mode, "on")).isDeepEqualTo(moving(mode, "off"));
  }

  /** Trains on two batch sizes in turns, with passes of other batches between the updates. */
  private static float[][] disturbed(Operations.Mode mode, String graphs) {
    Device device = TestDevice.get();
    try (Problem problem = Setups.all().get(4).open(mode);
        DeviceBatch small = part(problem, 7);
        DeviceBatch other = part(problem, 5);
        GaussNewton optimizer =
            with(
                graphs,
                () ->
                    GaussNewton.kfra()
                        .operations(mode)
                        .refreshEvery(2)
                        .build(problem.network(), problem.loss()))) {
      List<float[]> seen = new ArrayList<>();
      for (int round = 0; round < 3; round++) {
        for (int k = 0; k < 12; k++) {
          optimizer.step(round == 1 ? small : problem.batch());
          if (k == 9) {
            problem.network().forward(other, device.stream());
          } else if (k == 7) {
            problem.network().forward(round == 1 ? small : problem.batch(), device.stream());
          }
        }
        seen.addAll(Arrays.asList(problem.network().weights()));
      }
      return seen.toArray(float[][]::new);
    }
  }

  /** Trains in one place until its updates are replayed, then in two with other data, in turns. */
  private static float[][] moving(Operations.Mode mode, String graphs) {
    try (Problem problem = Setups.all().get(4).open(mode);
        DeviceBatch elsewhere = reversed(problem);
        Optimizer optimizer =
            with(
                graphs,
                () ->
                    ReplayedKind.often(GaussNewton.kfra(), mode)
                        .build(problem.network(), problem.loss()))) {
      int steps = 14; // each kind of update often enough to be replayed
      for (int k = 0; k < 2 * steps; k++) {
        optimizer.step(k < steps || k % 3 == 0 ? problem.batch() : elsewhere);
        if (k == steps - 1 || k == 2 * steps - 1) { // no refresh
          assertThat(optimizer.graphNodes() > 0).as("replayed").isEqualTo(graphs.equals("on"));
        }
      }
      return problem.network().weights();
    }
  }

  /** Another order, and a datapoint with another's inputs, so that it matters which is taken. */
  private static DeviceBatch reversed(Problem problem) {
    double[][] X = problem.X().clone();
    double[][] T = problem.T().clone();
    Collections.reverse(Arrays.asList(X));
    Collections.reverse(Arrays.asList(T));
    X[0] = X[1];
    return DeviceBatch.of(TestDevice.get(), X, T);
  }

  private static DeviceBatch part(Problem problem, int datapoints) {
    return DeviceBatch.of(
        TestDevice.get(),
        Arrays.copyOf(problem.X(), datapoints),
        Arrays.copyOf(problem.T(), datapoints));
  }
}
