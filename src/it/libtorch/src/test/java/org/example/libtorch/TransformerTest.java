package org.example.libtorch;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.krongauss.device.Device;
import org.junit.jupiter.api.Test;

/** A transformer of two blocks gets to AdamW's loss in fewer updates, from the same start. */
final class TransformerTest {
  private static final int N = 64;
  private static final int T = 64;
  private static final int D = 64;
  private static final int UPDATES = Integer.getInteger("updates", 60);
  private static final double[] RATES = {1e-3, 3e-3, 1e-2, 3e-2};

  @Test
  void reachesTheLossOfTheBestAdamW() {
    GeneratedText text = new GeneratedText(200_000, 3);
    Training.Curve best = null;
    for (double rate : RATES) {
      Training.Curve curve = Training.adamW(model(), batches(text), UPDATES, rate);
      System.out.println(curve);
      best = best == null || curve.end() < best.end() ? curve : best;
    }
    Training.Curve ours;
    try (Device device = Device.open()) {
      ours =
          Training.secondOrder(
              device, model(), batches(text), UPDATES, SecondOrder.Options.DEFAULT);
      assertTrue(device.allocatedBytes() == 0, "device memory is left");
    }
    System.out.println(ours);
    int needed = ours.updatesTo(best.end());
    String result = ours.against(best);
    System.out.println(result);
    assertTrue(needed > 0 && needed < 0.9 * UPDATES, result);
  }

  private static Model model() {
    return new Transformer(GeneratedText.vocabulary(), T, D, 4, 2, 1);
  }

  private static Training.Batches batches(GeneratedText text) {
    return new TextBatches(text, N, T, 5);
  }
}
