package dev.krongauss.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.reference.ReferenceLoss;
import dev.krongauss.testing.Problem;
import dev.krongauss.testing.Problem.Setup;
import dev.krongauss.testing.Problem.Unit;
import dev.krongauss.testing.TestDevice;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Updates with one launch a pass and with one a product are the same bit for bit. */
final class ChainSettingTest {
  private static final List<String> PROPERTIES =
      List.of(
          "krongauss.chain",
          "krongauss.tile",
          "krongauss.curvature",
          "krongauss.direction",
          "krongauss.graphs");

  /** Enough for each kind of update to be enqueued, captured and replayed. */
  private static final int STEPS = 14;

  private static final List<Setup> SETUPS =
      List.of(
          new Setup(ReferenceLoss.SQUARED, Unit.TANH, 3, 21, 5, 3), // one layer: nothing to chain
          new Setup(ReferenceLoss.SOFTMAX, Unit.SOFTPLUS, 33, 22, 20, 65, 64, 33, 3),
          new Setup(ReferenceLoss.BERNOULLI, Unit.TANH, 66, 23, 40, 70, 5, 66, 40));

  private final List<String> before = new ArrayList<>();

  @BeforeEach
  void keep() {
    PROPERTIES.forEach(property -> before.add(System.getProperty(property)));
  }

  @AfterEach
  void restore() {
    for (int i = 0; i < PROPERTIES.size(); i++) {
      if (before.get(i) == null) {
        System.clearProperty(PROPERTIES.get(i));
      } else {
        System.setProperty(PROPERTIES.get(i), before.get(i));
      }
    }
  }

  /** What training leaves, and how many nodes its largest graph has. */
  private record Trained(List<Double> losses, float[][] weights, int nodes) {}

  private static Trained train(Setup setup, String chain) {
    System.setProperty("krongauss.chain", chain);
    try (Problem problem = setup.open(Operations.Mode.KERNELS);
        GaussNewton optimizer =
            GaussNewton.kfra()
                .operations(Operations.Mode.KERNELS)
                .refreshEvery(2)
                .reductionEvery(3)
                .build(problem.network(), problem.loss())) {
      List<Double> losses = new ArrayList<>();
      for (int k = 0; k < STEPS; k++) {
        losses.add(optimizer.step(problem.batch()).loss());
      }
      return new Trained(losses, problem.network().weights(), optimizer.graphNodes(true, true));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "ffma, fp32, on",
    "ffma, fp32, off",
    "tf32x3_64, fp32, on",
    "tf32x3_128, fp32, on",
    "ffma, tf32, on"
  })
  void updatesHaveTheSameBits(String tile, String curvature, String graphs) {
    System.setProperty("krongauss.tile", tile);
    System.setProperty("krongauss.curvature", curvature);
    System.setProperty("krongauss.direction", curvature);
    System.setProperty("krongauss.graphs", graphs);
    boolean quick = tile.equals("ffma") && curvature.equals("fp32"); // SoftCUDA has no tensor cores
    for (Setup setup : quick ? SETUPS : SETUPS.subList(0, 2)) {
      Trained on = train(setup, "on");
      Trained off = train(setup, "off");
      assertThat(off.losses()).as("objectives, %s", setup).isEqualTo(on.losses());
      assertThat(off.weights()).as("weights, %s", setup).isDeepEqualTo(on.weights());
      boolean launchesMore = graphs.equals("on") && setup.sizes().length > 2;
      assertThat(off.nodes() > on.nodes())
          .as("%d nodes without and %d with one launch a pass", off.nodes(), on.nodes())
          .isEqualTo(launchesMore);
    }
  }

  @Test
  void anotherValueIsAnError() {
    System.setProperty("krongauss.chain", "single");
    assertThatThrownBy(() -> Operations.of(TestDevice.get()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("krongauss.chain is 'single'; it must be on or off");
  }
}
