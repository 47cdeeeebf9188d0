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

/** A step length for each layer: it learns, and goes the way of the built-in optimiser. */
final class LayerTrainerTest {
  private static final int N = 200;
  private static final int[] SIZES = {2, 17, 13, 2};

  @Test
  void learnsWithoutADampingOfItsOwn() {
    Waves waves = Waves.of(N, 1);
    OwnNetwork network = new OwnNetwork(N, 2, SIZES);
    double start = network.forward(waves.x(), waves.t());
    try (Device device = Device.open()) {
      try (LayerTrainer trainer = new LayerTrainer(device, network, N)) {
        for (int k = 0; k < 60; k++) {
          trainer.step(waves.x(), waves.t());
        }
        System.out.println(trainer.report());
        assertEquals(60, trainer.report().applied());
      }
      assertEquals(0, device.allocatedBytes());
    }
    double end = network.forward(waves.x(), waves.t());
    assertTrue(end < 0.02 * start, "from " + start + " to " + end);
  }

  /**
   * Both round differently, and what they round parts slowly: the first updates, to some last
   * digits.
   */
  @Test
  void goesTheWayOfTheBuiltInOptimiser() {
    Waves waves = Waves.of(N, 3);
    OwnNetwork own = new OwnNetwork(N, 4, SIZES);
    float[][] weights = new float[own.layers()][];
    for (int l = 0; l < weights.length; l++) {
      weights[l] = own.weights()[l].clone();
    }
    try (Device device = Device.open();
        Network network =
            Network.input(2)
                .dense(17, Activation.TANH)
                .dense(13, Activation.TANH)
                .dense(2, Activation.IDENTITY)
                .build(device, 1);
        GaussNewton builtIn = GaussNewton.kflr().build(network, Loss.squared());
        LayerTrainer trainer = new LayerTrainer(device, own, N);
        DeviceArray inputs = new DeviceArray(3 * N);
        DeviceArray targets = new DeviceArray(2 * N)) {
      network.setWeights(weights);
      own.forward(waves.x(), waves.t());
      inputs.upload(own.activations(0));
      targets.upload(waves.t());
      Batch batch = new OwnBatch(inputs.matrix(N, 3), targets.matrix(N, 2));
      for (int k = 0; k < 10; k++) {
        double loss = trainer.step(waves.x(), waves.t());
        double wanted = builtIn.step(batch).loss();
        System.out.printf("update %d: loss %.7g, built in %.7g%n", k + 1, loss, wanted);
        assertEquals(wanted, loss, 1e-4 * wanted);
      }
    }
  }

  private record OwnBatch(Matrix inputs, Matrix targets) implements Batch {
    @Override
    public int size() {
      return inputs.rows();
    }
  }
}
