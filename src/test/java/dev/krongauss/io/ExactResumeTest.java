package dev.krongauss.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krongauss.curvature.ExactSpace;
import dev.krongauss.device.Device;
import dev.krongauss.model.Resumable;
import dev.krongauss.optim.ExactGaussNewton;
import dev.krongauss.optim.GaussNewton;
import dev.krongauss.optim.StepReport;
import dev.krongauss.reference.ReferenceLoss;
import dev.krongauss.testing.Problem;
import dev.krongauss.testing.Problem.Setup;
import dev.krongauss.testing.Problem.Unit;
import dev.krongauss.testing.TestDevice;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Exact updates that go on from a checkpoint are those that were never stopped, bit for bit. */
final class ExactResumeTest {
  private static final int UPDATES = 14;

  @TempDir private Path folder;

  /** λ falls, steps are taken back, and the growth of λ is remembered. */
  @ParameterizedTest
  @CsvSource({"SAMPLE, false", "PARAMETER, false", "SAMPLE, true", "PARAMETER, true"})
  void goesOnAsIfNeverStopped(ExactSpace space, boolean geodesic) throws Exception {
    List<String> whole;
    float[][] weights;
    try (Problem problem = open(1);
        ExactGaussNewton optimizer = optimizer(space, geodesic, problem)) {
      whole = updates(problem, optimizer, UPDATES);
      weights = problem.network().weights();
    }
    assertThat(whole.toString()).contains("accepted", "taken back");
    for (int stop : new int[] {0, 1, 2, 3, 5, 9}) {
      Path file = folder.resolve("stopped after " + stop);
      Device device = TestDevice.get();
      List<String> parts = new ArrayList<>();
      try (Problem problem = open(1);
          ExactGaussNewton optimizer = optimizer(space, geodesic, problem)) {
        parts.addAll(updates(problem, optimizer, stop));
        Checkpoint.save(file, device.stream(), parts(problem, optimizer));
      }
      try (Problem problem = open(1);
          ExactGaussNewton optimizer = optimizer(space, geodesic, problem)) {
        updates(problem, optimizer, stop % 3);
        Checkpoint.load(file, device.stream(), parts(problem, optimizer));
        parts.addAll(updates(problem, optimizer, UPDATES - stop));
        assertThat(parts).as("stopped after %d updates", stop).isEqualTo(whole);
        assertThat(problem.network().weights()).isDeepEqualTo(weights);
      }
    }
  }

  private static Problem open(long seed) {
    return new Setup(ReferenceLoss.SQUARED, Unit.TANH, 9, 43 + seed, 2, 8, 8, 1).open(null);
  }

  /** Whether steps follow the geodesic is a part of what goes on. */
  @Test
  void aStraightStepIsNoGeodesic() throws Exception {
    Path file = folder.resolve("straight");
    Device device = TestDevice.get();
    try (Problem problem = open(1);
        ExactGaussNewton straight = optimizer(ExactSpace.SAMPLE, false, problem);
        ExactGaussNewton bent = optimizer(ExactSpace.SAMPLE, true, problem)) {
      updates(problem, straight, 2);
      Checkpoint.save(file, device.stream(), parts(problem, straight));
      assertThatThrownBy(() -> Checkpoint.load(file, device.stream(), parts(problem, bent)))
          .isInstanceOf(CheckpointException.class)
          .hasMessageContaining("straight")
          .hasMessageContaining("geodesic");
    }
  }

  private static ExactGaussNewton optimizer(ExactSpace space, boolean geodesic, Problem problem) {
    ExactGaussNewton.Builder builder = GaussNewton.exact().lambda(1e-9).space(space);
    return (geodesic ? builder.geodesic() : builder).build(problem.network(), problem.loss());
  }

  private static List<String> updates(Problem problem, ExactGaussNewton optimizer, int count) {
    List<String> reports = new ArrayList<>();
    for (int k = 0; k < count; k++) {
      StepReport report = optimizer.step(problem.batch());
      reports.add(report + " " + report.solveError());
    }
    return reports;
  }

  private static Map<String, Resumable> parts(Problem problem, ExactGaussNewton optimizer) {
    return Map.of("weights", Resumable.weights(problem.network()), "optimizer", optimizer);
  }
}
