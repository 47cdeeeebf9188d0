package org.example.trainer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.krongauss.device.Device;
import org.junit.jupiter.api.Test;

/** A model of one's own learns through the preconditioner, faster than by its own gradient. */
final class TrainerTest {
  private static final int N = 200;
  private static final int UPDATES = 60;
  private static final int[] SIZES = {2, 17, 13, 2};

  @Test
  void learnsFasterThanGradientDescent() {
    Waves waves = Waves.of(N, 1);
    OwnNetwork network = new OwnNetwork(N, 2, SIZES);
    double start = network.forward(waves.x(), waves.t());
    double end;
    try (Device device = Device.open()) {
      try (OwnTrainer trainer = new OwnTrainer(device, network, N, Math.sqrt(1e-3))) {
        for (int k = 0; k < UPDATES; k++) {
          trainer.step(waves.x(), waves.t());
        }
      }
      assertEquals(0, device.allocatedBytes());
    }
    end = network.forward(waves.x(), waves.t());
    double descent = gradientDescent(waves);
    String losses =
        String.format(
            "start %.4g, preconditioned %.4g, gradient descent %.4g", start, end, descent);
    System.out.println(losses);
    assertTrue(end < 0.02 * start, losses);
    assertTrue(end < 0.2 * descent, losses);
  }

  /** The best of a grid of learning rates from the same start after as many updates. */
  private static double gradientDescent(Waves waves) {
    double best = Double.POSITIVE_INFINITY;
    for (double rate = 1; rate > 1e-3; rate /= 2) {
      OwnNetwork network = new OwnNetwork(N, 2, SIZES);
      for (int k = 0; k < UPDATES; k++) {
        network.forward(waves.x(), waves.t());
        network.move(-rate, network.gradients(waves.t()));
      }
      double loss = network.forward(waves.x(), waves.t());
      best = loss < best ? loss : best; // too large a rate ends in NaN
    }
    return best;
  }
}
