package dev.krongauss.optim;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.net.Activation;
import dev.krongauss.net.Loss;
import dev.krongauss.net.Network;
import dev.krongauss.precondition.Preconditioner;
import dev.krongauss.reference.ReferenceLoss;
import dev.krongauss.testing.DeviceBatch;
import dev.krongauss.testing.Problem;
import dev.krongauss.testing.Problem.Setup;
import dev.krongauss.testing.Problem.Unit;
import dev.krongauss.testing.TestDevice;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Misuse is an IllegalArgumentException that shows the values, before anything is launched. */
final class ArgumentsTest {
  private final Device device = TestDevice.get();
  private final Problem problem =
      new Setup(ReferenceLoss.SQUARED, Unit.TANH, 4, 51, 3, 5, 2).open(null);
  private final Network network = problem.network();

  @AfterEach
  void close() {
    problem.close();
  }

  @Test
  void batchesThatDoNotFitTheNetwork() {
    try (DeviceBatch narrow = DeviceBatch.of(device, new double[4][2], new double[4][2]);
        DeviceBatch wrongTargets = DeviceBatch.of(device, new double[4][3], new double[4][5]);
        GaussNewton kfra = GaussNewton.kfra().build(network, Loss.squared());
        Adam adam = Adam.builder().build(network, Loss.squared())) {
      wrong(() -> kfra.step(narrow), "[4][3]", "[4][4]");
      wrong(() -> adam.step(narrow), "[4][3]", "[4][4]");
      wrong(() -> kfra.step(wrongTargets), "[4][5]", "[4][2]");
      wrong(() -> adam.step(wrongTargets), "[4][5]", "[4][2]");
    }
  }

  @Test
  void networksThatCannotBe() {
    wrong(() -> Network.input(0), "0 inputs");
    wrong(() -> Network.input(3).dense(0, Activation.TANH), "0 units");
    wrong(() -> Network.input(3).dense(2, null), "no activation");
    wrong(() -> Network.input(3).build(device, 1), "at least one layer");
    wrong(() -> Network.input(3).dense(2, Activation.TANH).build(device, 1), "tanh", "IDENTITY");
    wrong(() -> Activation.leakyRelu(Float.NaN), "NaN");
    wrong(() -> network.setWeights(new float[1][20]), "1 weight matrices for 2 layers");
    wrong(() -> network.setWeights(new float[][] {new float[20], new float[11]}), "12", "11");
    float[][] infinite = {new float[20], new float[12]};
    infinite[1][7] = Float.POSITIVE_INFINITY;
    wrong(() -> network.setWeights(infinite), "weight 7 of layer 2 is Infinity");
  }

  @Test
  void settingsOutOfRange() {
    wrong(() -> GaussNewton.kfra().lambda(0).build(network, Loss.squared()), "lambda 0.0");
    wrong(() -> GaussNewton.kfra().lambda(Double.NaN).build(network, Loss.squared()), "lambda NaN");
    wrong(() -> GaussNewton.kfra().gamma(-1), "gamma -1");
    wrong(() -> GaussNewton.kfra().l2(-1).build(network, Loss.squared()), "-1");
    wrong(() -> GaussNewton.kfra().decay(1).build(network, Loss.squared()), "decay 1.0");
    wrong(
        () -> GaussNewton.kfra().refreshEvery(0).build(network, Loss.squared()), "refreshEvery 0");
    wrong(
        () -> GaussNewton.kfra().reductionEvery(0).build(network, Loss.squared()),
        "reductionEvery 0");
    wrong(() -> GaussNewton.kfra().gammaEvery(0).build(network, Loss.squared()), "gammaEvery 0");
    wrong(() -> GaussNewton.kfra().leastGamma(0), "leastGamma 0");
    wrong(
        () -> GaussNewton.kfra().leastGamma(0.5).build(network, Loss.squared()),
        "leastGamma 0.5",
        "adaptGamma(true)");
    wrong(
        () ->
            GaussNewton.kfra()
                .scalarStep()
                .gamma(0.25)
                .adaptGamma(true)
                .build(network, Loss.squared()),
        "constant 0.25 and adapted at once",
        "leave out");
    wrong(
        () -> GaussNewton.kfra().momentum(true).build(network, Loss.squared()),
        "momentum(true) belongs to the paper's algorithm",
        "add scalarStep(), or leave it out");
    wrong(
        () -> GaussNewton.kfra().rescaling(false).build(network, Loss.squared()),
        "rescaling(false) belongs to the paper's algorithm");
    wrong(
        () -> GaussNewton.kfra().adaptGamma(true).build(network, Loss.squared()),
        "adaptGamma(true) belongs to the paper's algorithm");
    wrong(() -> GaussNewton.kflr().budget(0).build(network, Loss.squared()), "budget of 0 bytes");
    wrong(() -> Adam.builder().learningRate(0).build(network, Loss.squared()), "learning rate 0.0");
    wrong(() -> Adam.builder().betas(0.9, 1).build(network, Loss.squared()), "1.0");
    wrong(() -> Adam.builder().epsilon(0).build(network, Loss.squared()), "epsilon 0.0");
    wrong(() -> Muon.builder().momentum(1).build(network, Loss.squared()), "momentum 1.0");
    wrong(() -> Muon.builder().weightDecay(-1).build(network, Loss.squared()), "decay -1.0");
    wrong(() -> Muon.builder().nsSteps(0).build(network, Loss.squared()), "nsSteps 0");
    wrong(() -> Muon.builder().adamRate(0).build(network, Loss.squared()), "adamRate 0.0");
    Muon.Quintic noNumber = new Muon.Quintic(1, Double.NaN, 1);
    wrong(() -> Muon.builder().coefficients(noNumber).build(network, Loss.squared()), "NaN");
    wrong(() -> Sgd.builder().momentum(1).build(network, Loss.squared()), "momentum 1.0");
    wrong(() -> Sgd.builder().nesterov(true).build(network, Loss.squared()), "Nesterov");
    wrong(() -> Sgd.builder().halveEvery(-1).build(network, Loss.squared()), "-1");
  }

  @Test
  void matricesThatDoNotFitThePreconditioner() {
    wrong(() -> Preconditioner.on(device).build(), "without layers");
    wrong(() -> Preconditioner.on(device).layer(0, 3), "0 activations");
    wrong(() -> Preconditioner.on(device).gamma(0), "gamma 0");
    wrong(() -> Matrix.wrap(0, 1, 1, 1), "null");
    wrong(() -> Matrix.wrap(4096, 2, 5, 4), "[2][5]", "stride 4");
    try (Arena arena = device.newArena("arguments test");
        Preconditioner preconditioner = Preconditioner.on(device).layer(4, 3).build()) {
      Matrix activations = arena.matrix(10, 4, "activations");
      Matrix gradients = arena.matrix(10, 3, "gradients");
      Matrix odd = arena.matrix(15, 3, "not a multiple of 10 rows");
      var s = device.stream();
      wrong(() -> preconditioner.accumulate(1, activations, gradients, s), "layer 1", "0..0");
      wrong(() -> preconditioner.accumulate(0, gradients, gradients, s), "[10][3]", "[10][4]");
      wrong(
          () -> preconditioner.accumulate(0, activations, activations, s), "[10][4]", "3 columns");
      wrong(() -> preconditioner.accumulate(0, activations, odd, s), "[15][3]", "10 datapoints");
      wrong(
          () -> preconditioner.accumulateCurvature(0, activations, gradients, s),
          "[10][3]",
          "[3][3]");
      assertThatThrownBy(() -> preconditioner.refresh(s))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("layer 0 has no factors yet");
      preconditioner.accumulate(0, activations, gradients, s);
      Matrix W = arena.matrix(3, 4, "W");
      assertThatThrownBy(() -> preconditioner.apply(0, W, W, s))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("before the first refresh");
      preconditioner.refresh(s);
      wrong(() -> preconditioner.apply(0, activations, W, s), "[10][4]", "[3][4]");
      wrong(() -> preconditioner.apply(0, W, activations, s), "[10][4]", "[3][4]");
    }
  }

  private static void wrong(ThrowingCallable call, String... parts) {
    assertThatThrownBy(call)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(parts);
  }
}
