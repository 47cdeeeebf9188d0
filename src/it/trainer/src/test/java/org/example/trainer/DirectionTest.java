package org.example.trainer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.model.Batch;
import dev.krongauss.net.Activation;
import dev.krongauss.net.Loss;
import dev.krongauss.net.Network;
import dev.krongauss.optim.GaussNewton;
import org.junit.jupiter.api.Test;

/** The own trainer's direction is that of the built-in network and optimiser. */
final class DirectionTest {
  private static final int N = 53;
  private static final double GAMMA = 0.125;
  private static final double EPSILON = 0x1p-24;

  @Test
  void ownTrainerAgreesWithTheBuiltInEngine() {
    Waves waves = Waves.of(N, 3);
    OwnNetwork own = new OwnNetwork(N, 4, 2, 19, 11, 2);
    try (Device device = Device.open();
        Network network =
            Network.input(2)
                .dense(19, Activation.TANH)
                .dense(11, Activation.TANH)
                .dense(2, Activation.IDENTITY)
                .build(device, 1);
        GaussNewton builtIn =
            GaussNewton.kflr()
                .lambda(1e-3)
                .gamma(GAMMA)
                .l2(0)
                .adaptLambda(false)
                .build(network, Loss.squared());
        OwnTrainer trainer = new OwnTrainer(device, own, N, GAMMA);
        DeviceArray inputs = new DeviceArray(3 * N);
        DeviceArray targets = new DeviceArray(2 * N)) {
      network.setWeights(own.weights());
      double loss = own.forward(waves.x(), waves.t());
      inputs.upload(own.activations(0));
      targets.upload(waves.t());
      float[][] gradients = own.gradients(waves.t());
      float[][] got = trainer.direction(gradients);
      double builtInLoss =
          builtIn.step(new OwnBatch(inputs.matrix(N, 3), targets.matrix(N, 2))).loss();
      assertEquals(loss, builtInLoss, 200 * EPSILON * loss);
      for (int l = 0; l < own.layers(); l++) {
        float[] wanted = builtIn.direction().get(l).download(device.stream());
        compare(l, wanted, got[l], bound(device, trainer, own, l, wanted, gradients[l]));
      }
    }
  }

  /**
   * Both round along paths of n operations; solving multiplies that by the condition of each damped
   * factor, at most trace / damping, and the gradient's error by both inverses, at most 1 / γ².
   */
  private static double bound(
      Device device,
      OwnTrainer trainer,
      OwnNetwork own,
      int l,
      float[] direction,
      float[] gradient) {
    Matrix Q = trainer.preconditioner().factors().Q(l);
    Matrix G = trainer.preconditioner().factors().G(l);
    double traceQ = trace(Q.download(device.stream()), Q.rows());
    double traceG = trace(G.download(device.stream()), G.rows());
    double omega = Math.sqrt((traceQ / Q.rows()) / (traceG / G.rows()));
    double conditions = 2 + traceQ / (omega * GAMMA) + traceG / (GAMMA / omega);
    int n = N + 2 * (own.inputs(l) + own.units(l)) + 40;
    return 2 * n * EPSILON * (conditions * norm(direction) + norm(gradient) / (GAMMA * GAMMA));
  }

  private static void compare(int layer, float[] wanted, float[] got, double bound) {
    assertEquals(wanted.length, got.length);
    double size = 0;
    for (int i = 0; i < wanted.length; i++) {
      assertEquals(wanted[i], got[i], bound, "direction of layer " + layer + ", element " + i);
      size = Math.max(size, Math.abs(wanted[i]));
    }
    // A bound that lets everything through would prove nothing.
    assertTrue(bound < 0.05 * size, "bound " + bound + " against elements up to " + size);
  }

  private static double trace(float[] A, int n) {
    double sum = 0;
    for (int i = 0; i < n; i++) {
      sum += A[i * n + i];
    }
    return sum;
  }

  private static double norm(float[] v) {
    double sum = 0;
    for (float x : v) {
      sum += (double) x * x;
    }
    return Math.sqrt(sum);
  }

  private record OwnBatch(Matrix inputs, Matrix targets) implements Batch {
    @Override
    public int size() {
      return inputs.rows();
    }
  }
}
