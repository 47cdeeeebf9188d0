package dev.krongauss.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.reference.ReferenceLoss;
import dev.krongauss.testing.Problem;
import org.junit.jupiter.api.Test;

/**
 * Training on tensor cores, which SoftCUDA would not choose by itself: the same objective as on the
 * plain units, and close to it where the curvature has the accuracy of TF32 alone.
 */
final class TensorTilesTest {
  private static final int STEPS = 6;

  private static double objective(String tile, String curvature) {
    System.setProperty("krongauss.tile", tile);
    System.setProperty("krongauss.curvature", curvature);
    Problem.Setup setup =
        new Problem.Setup(ReferenceLoss.BERNOULLI, Problem.Unit.TANH, 70, 9, 40, 66, 5, 66, 40);
    try (Problem problem = setup.open(Operations.Mode.KERNELS);
        GaussNewton optimizer =
            GaussNewton.kfra()
                .operations(Operations.Mode.KERNELS)
                .refreshEvery(2)
                .build(problem.network(), problem.loss())) {
      StepReport report = null;
      for (int k = 0; k < STEPS; k++) {
        report = optimizer.step(problem.batch());
        assertThat(report.accepted()).isTrue();
      }
      return report.loss();
    } finally {
      System.clearProperty("krongauss.tile");
      System.clearProperty("krongauss.curvature");
    }
  }

  @Test
  void theObjectiveIsThatOfThePlainUnits() {
    double plain = objective("ffma", "fp32");
    assertThat(objective("tf32x3_64", "fp32")).isCloseTo(plain, within(2e-5 * plain));
    assertThat(objective("tf32x3_128x64", "fp32")).isCloseTo(plain, within(2e-5 * plain));
    assertThat(objective("tf32x3_128", "fp32")).isCloseTo(plain, within(2e-5 * plain));
    assertThat(objective("ffma", "tf32")).isCloseTo(plain, within(2e-3 * plain));
  }
}
