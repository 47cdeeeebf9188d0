package dev.krongauss.optim;

import dev.krongauss.device.Check;
import dev.krongauss.device.Matrix;
import dev.krongauss.model.Batch;
import dev.krongauss.model.LossFunction;
import dev.krongauss.model.Model;

/** What every optimiser checks of a loss, before anything runs. */
final class Losses {
  private Losses() {}

  /**
   * The outputs of a model.
   *
   * @throws IllegalArgumentException if the loss cannot take so many
   */
  static int outputs(Model model, LossFunction loss) {
    int outputs = model.parameters().get(model.parameters().size() - 1).rows();
    loss.targets(outputs);
    return outputs;
  }

  /**
   * Checks the targets of a batch.
   *
   * @throws IllegalArgumentException if their shape does not fit, or the batch knows of one that
   *     the loss cannot take
   */
  static void check(Batch batch, LossFunction loss, int outputs) {
    Matrix targets = batch.targets();
    int columns = loss.targets(outputs);
    Check.that(
        targets.rows() == batch.size() && targets.columns() == columns,
        "the batch's targets are [%d][%d] but loss '%s' needs [%d][%d]; check the outputs and the batch size",
        targets.rows(),
        targets.columns(),
        loss.name(),
        batch.size(),
        columns);
    batch.checkTargets(loss);
  }
}
