package org.example.libtorch;

import static org.bytedeco.pytorch.global.torch.cross_entropy_loss;

import dev.krongauss.device.Device;
import java.util.Arrays;
import org.bytedeco.pytorch.AdamW;
import org.bytedeco.pytorch.AdamWOptions;
import org.bytedeco.pytorch.Tensor;

/** Trainings of one model from one start over the same batches, and how they are compared. */
final class Training {
  /** Losses are compared as means over so many updates. */
  private static final int WINDOW = 10;

  /** Inputs and targets {@code [rows]}, int64. */
  record Batch(Tensor inputs, Tensor targets) {}

  /** Mean loss of a batch, and its logits {@code [rows][classes]} without a record for autograd. */
  record Pass(double loss, Tensor logits) {}

  /** Where batches come from: another one each time, in the same order for every training. */
  interface Batches {
    Batch next();
  }

  /** Mean losses of {@link #WINDOW} updates up to each, and the seconds to the end of each. */
  record Curve(String name, double[] losses, double[] seconds) {
    double end() {
      return losses[losses.length - 1];
    }

    /** The first update, from 1, by which the loss is reached; 0 if it is not. */
    int updatesTo(double loss) {
      for (int k = WINDOW - 1; k < losses.length; k++) {
        if (losses[k] <= loss) {
          return k + 1;
        }
      }
      return 0;
    }

    /** How many updates and how much time it takes to the other's last loss, in words. */
    String against(Curve other) {
      int needed = updatesTo(other.end());
      String reached =
          needed == 0
              ? "not reached"
              : String.format("after %d updates, %.1f s", needed, seconds[needed - 1]);
      return String.format(
          "loss %.4f of %s after %d updates, %.1f s: %s %s",
          other.end(),
          other.name(),
          other.losses().length,
          other.seconds()[other.seconds().length - 1],
          name,
          reached);
    }

    @Override
    public String toString() {
      StringBuilder text = new StringBuilder(String.format("%-24s", name));
      for (int k = losses.length / 5; k <= losses.length; k += losses.length / 5) {
        text.append(String.format(" %4d: %.4f", k, losses[k - 1]));
      }
      return text.append(String.format("  %.1f s", seconds[seconds.length - 1])).toString();
    }
  }

  private Training() {}

  /** By LibTorch's AdamW with its defaults but the rate. */
  static Curve adamW(Model model, Batches batches, int updates, double rate) {
    try (AdamW adamW = new AdamW(model.parameters(), new AdamWOptions(rate))) {
      return run(
          String.format("AdamW %.0e", rate), model, batches, updates, (b, pass) -> adamW.step());
    }
  }

  /** By Krongauss. */
  static Curve secondOrder(
      Device device, Model model, Batches batches, int updates, SecondOrder.Options options) {
    try (SecondOrder optimiser = new SecondOrder(device, model, options)) {
      String name = "Krongauss, γ " + options.gamma();
      return run(
          name,
          model,
          batches,
          updates,
          (batch, pass) -> optimiser.step(batch.inputs(), pass.logits()));
    }
  }

  private interface Update {
    void after(Batch batch, Pass pass);
  }

  private static Curve run(String name, Model model, Batches batches, int updates, Update move) {
    double[] losses = new double[updates];
    double[] seconds = new double[updates];
    long start = System.nanoTime();
    for (int k = 0; k < updates; k++) {
      int update = k;
      Scoped.run(
          () -> {
            Batch batch = batches.next();
            Pass pass = pass(model, batch);
            losses[update] = pass.loss();
            move.after(batch, pass);
          });
      seconds[k] = (System.nanoTime() - start) / 1e9;
    }
    return new Curve(name, smooth(losses), seconds);
  }

  /** Forward and backward: leaves gradients with the weights. */
  static Pass pass(Model model, Batch batch) {
    model.zeroGradients();
    Tensor logits = model.forward(batch.inputs(), Tape.OFF);
    Tensor loss = cross_entropy_loss(logits, batch.targets());
    loss.backward();
    return new Pass(loss.item_double(), logits.detach());
  }

  private static double[] smooth(double[] losses) {
    double[] means = new double[losses.length];
    for (int k = 0; k < losses.length; k++) {
      means[k] = Arrays.stream(losses, Math.max(0, k - WINDOW + 1), k + 1).average().orElseThrow();
    }
    return means;
  }
}
