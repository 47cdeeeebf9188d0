package dev.krongauss.optim;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Control;
import dev.krongauss.kernel.ControlLayers;
import dev.krongauss.kernel.Reduce;
import dev.krongauss.kernel.argument.Beginning;
import dev.krongauss.kernel.argument.LossMean;
import dev.krongauss.kernel.operations.FusedLoss;
import dev.krongauss.model.LossFunction;

/**
 * The loss of an update's batch, its mean, and the beginning of the update: one launch where the
 * loss is a {@link FusedLoss}, else three, with the same bits.
 */
final class LossEvaluation {
  private final LossFunction.OnDevice loss;
  private final Control control;
  private final ControlLayers controlLayers;
  private final Reduce reduce;
  private final Buffer arrived;

  LossEvaluation(Device device, LossFunction.OnDevice loss, Arena arena) {
    this.loss = loss;
    this.control = new Control(device);
    this.controlLayers = new ControlLayers(device);
    this.reduce = new Reduce(device);
    this.arrived = arena.ints(1, "counter of the losses");
  }

  /**
   * Enqueues it.
   *
   * @param h {@code [N][d]}
   * @param gradient ∂E/∂h {@code [N][d]}, null if not wanted
   * @param perDatapoint device address of N floats
   * @param mean device address of one float
   * @param beginning null if no update begins
   */
  void run(
      Matrix h,
      Matrix t,
      Matrix gradient,
      long perDatapoint,
      long mean,
      Beginning beginning,
      Stream s) {
    if (loss instanceof FusedLoss fused) {
      LossMean whole = new LossMean(arrived.pointer(), mean, beginning);
      fused.evaluate(h, t, gradient, perDatapoint, whole, s);
      return;
    }
    if (beginning != null) {
      begin(beginning, s);
    }
    loss.evaluate(h, t, gradient, perDatapoint, s);
    reduce.sum(s, perDatapoint, h.rows(), 1f / h.rows(), mean);
  }

  private void begin(Beginning beginning, Stream s) {
    if (beginning.mu() == Beginning.NO_AVERAGE) {
      control.begin(s, beginning);
    } else {
      controlLayers.begin(s, beginning);
    }
  }
}
