package dev.krongauss.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.krongauss.device.Device;
import dev.krongauss.model.LossFunction;
import dev.krongauss.net.Activation;
import dev.krongauss.net.Loss;
import dev.krongauss.net.Network;
import dev.krongauss.testing.DeviceBatch;
import dev.krongauss.testing.TestDevice;
import org.junit.jupiter.api.Test;

/**
 * Numbers that other libraries give, as they were measured (src/site/coming.md): what here is equal
 * to which of them.
 */
final class OtherLibrariesTest {
  private final Device device = TestDevice.get();

  /** torch 2.13.0 and optax 0.2.8: 5.0e-4. */
  @Test
  void adamAsInPyTorchAndOptax() {
    assertThat(first(Adam.builder().learningRate(1e-3))).isCloseTo(5.0e-4, within(1e-9));
  }

  /** Keras 3.15.1 with its 1e-7: 3.152288e-6. */
  @Test
  void adamAsInKeras() {
    Adam.Builder keras =
        Adam.builder()
            .learningRate(1e-3)
            .epsilon(1e-7)
            .epsilonPlacement(Adam.EpsilonPlacement.BEFORE_CORRECTION);
    assertThat(first(keras)).isCloseTo(3.152288e-6, within(3e-11));
  }

  /** ND4J 1.0.0-M2.1, DJL 0.36.0, and Keras with 1e-8: 3.065324e-5. */
  @Test
  void adamAsInNd4jAndDjl() {
    Adam.Builder nd4j =
        Adam.builder().learningRate(1e-3).epsilonPlacement(Adam.EpsilonPlacement.BEFORE_CORRECTION);
    assertThat(first(nd4j)).isCloseTo(3.065324e-5, within(3e-10));
  }

  /** torch, optax, Keras, ND4J and Tribuo 4.3.2: 0.8049; three steps at a gradient of 1. */
  @Test
  void nesterovAsEverywhere() {
    Sgd.Builder builder = Sgd.builder().learningRate(0.1).momentum(0.9).nesterov(true);
    assertThat(moved(builder::build, 1, 3)).isCloseTo(0.8049, within(1e-6));
  }

  /** torch, optax, Keras, DJL and Tribuo: 0.561. */
  @Test
  void momentumAsEverywhere() {
    Sgd.Builder builder = Sgd.builder().learningRate(0.1).momentum(0.9);
    assertThat(moved(builder::build, 1, 3)).isCloseTo(0.561, within(1e-6));
  }

  /**
   * torch and optax: the velocity has no rate in it, and a rate that is halved halves the next
   * step, 0.1 + 0.05 · 1.9 = 0.195; Keras, ND4J and DJL go on with what was added at the old one,
   * 0.1 + 0.09 + 0.05 = 0.24.
   */
  @Test
  void aRateThatIsCutCutsTheVelocityAsInPyTorch() {
    Sgd.Builder builder = Sgd.builder().learningRate(0.1).momentum(0.9).halveEvery(1);
    assertThat(moved(builder::build, 1, 2)).isCloseTo(0.195, within(1e-6));
  }

  /**
   * Outputs 1, −2, ½ and targets 1, 0, 0. Squared: half of the sum, as DL4J's L2 halved (4.25), not
   * the mean of PyTorch and Keras, 1.41667. Bernoulli: the sum, 1.414267, as DL4J; PyTorch, Keras
   * and DJL a third of it. Softmax: 0.504597, as all.
   */
  @Test
  void lossesAreSumsOverOutputs() {
    assertThat(loss(Loss.squared())).isCloseTo(2.125, within(1e-6));
    assertThat(loss(Loss.bernoulli())).isCloseTo(1.414267, within(1e-6));
    assertThat(loss(Loss.softmax())).isCloseTo(0.504597, within(1e-6));
  }

  private interface Build {
    Optimizer build(Network network, LossFunction loss);
  }

  /** First step of a weight at a gradient of 1e-8. */
  private double first(Adam.Builder builder) {
    return moved(builder::build, 1e-8, 1);
  }

  /**
   * How far the bias of h = b moves in some steps at the same gradient: the target runs ahead of
   * the output.
   */
  private double moved(Build build, double gradient, int steps) {
    try (Network network = Network.input(1).dense(1, Activation.IDENTITY).build(device, 0);
        Optimizer optimizer = build.build(network, Loss.squared())) {
      network.setWeights(new float[][] {{0, 0}});
      for (int k = 0; k < steps; k++) {
        double target = network.weights()[0][1] + gradient;
        try (DeviceBatch batch =
            DeviceBatch.of(device, new double[][] {{0}}, new double[][] {{target}})) {
          optimizer.step(batch);
        }
      }
      return network.weights()[0][1];
    }
  }

  private double loss(LossFunction loss) {
    try (Network network = Network.input(1).dense(3, Activation.IDENTITY).build(device, 0);
        Optimizer optimizer = Sgd.builder().learningRate(0.1).build(network, loss);
        DeviceBatch batch =
            DeviceBatch.of(device, new double[][] {{0}}, new double[][] {{1, 0, 0}})) {
      network.setWeights(new float[][] {{0, 1, 0, -2, 0, 0.5f}});
      return optimizer.step(batch).loss();
    }
  }
}
