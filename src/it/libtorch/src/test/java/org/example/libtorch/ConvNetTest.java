package org.example.libtorch;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.krongauss.device.Device;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** A convolutional network gets to AdamW's loss in fewer updates, from the same start. */
final class ConvNetTest {
  private static final int N = 256;
  private static final int UPDATES = Integer.getInteger("updates", 100);
  private static final double[] RATES = {1e-3, 3e-3, 1e-2, 3e-2};

  @Test
  void reachesTheLossOfTheBestAdamW() throws IOException {
    assumeTrue(
        Digits.folder() != null,
        "SKIPPED: no MNIST; set KRONGAUSS_DATA to a folder with mnist/train-images-idx3-ubyte.gz");
    Digits train = Digits.read(Digits.folder(), "train");
    Digits test = Digits.read(Digits.folder(), "t10k");
    Training.Curve best = null;
    for (double rate : RATES) {
      Model model = new ConvNet(8, 64, 1);
      Training.Curve curve = Training.adamW(model, train.batches(N, 5), UPDATES, rate);
      System.out.println(curve + held(model, test));
      best = best == null || curve.end() < best.end() ? curve : best;
    }
    Training.Curve ours;
    try (Device device = Device.open()) {
      Model model = new ConvNet(8, 64, 1);
      ours =
          Training.secondOrder(
              device, model, train.batches(N, 5), UPDATES, SecondOrder.Options.DEFAULT);
      System.out.println(ours + held(model, test));
    }
    int needed = ours.updatesTo(best.end());
    String result = ours.against(best);
    System.out.println(result);
    assertTrue(needed > 0 && needed < 0.9 * UPDATES, result);
  }

  /** Errors on the test set's 10,000. */
  private static String held(Model model, Digits test) {
    int step = 1000;
    double[] right = new double[1];
    for (int from = 0; from < test.size(); from += step) {
      Training.Batch batch = test.rows(from, step);
      right[0] +=
          Scoped.valueWithoutGrad(
              () ->
                  model
                      .forward(batch.inputs(), Tape.OFF)
                      .argmax(new org.bytedeco.pytorch.LongOptional(1), false)
                      .eq(batch.targets())
                      .sum()
                      .item_double());
    }
    return String.format(", held out %.2f %% wrong", 100 * (1 - right[0] / test.size()));
  }
}
