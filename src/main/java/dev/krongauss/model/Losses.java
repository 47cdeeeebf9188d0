package dev.krongauss.model;

import dev.krongauss.device.Check;
import dev.krongauss.device.Matrix;

/** What optimisers and evaluations check of a loss, before anything runs. */
public final class Losses {
  private Losses() {}

  /**
   * The outputs of a model.
   *
   * @throws IllegalArgumentException if the loss cannot take so many
   */
  public static int outputs(Model model, LossFunction loss) {
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
  public static void check(Batch batch, LossFunction loss, int outputs) {
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
