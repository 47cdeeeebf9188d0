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
    BatchSource source = batch.source();
    Matrix targets = (source == null ? batch : source.place()).targets();
    int columns = loss.targets(outputs);
    if (targets.rows() != batch.size() || targets.columns() != columns) {
      throw Check.failure(
          "the batch's targets are [%d][%d] but loss '%s' needs [%d][%d]; check the outputs and the batch size",
          targets.rows(), targets.columns(), loss.name(), batch.size(), columns);
    }
    if (batch.size() % loss.stack() != 0) {
      throw Check.failure(
          "a batch of %d rows for loss '%s', whose datapoints are %d rows in a row; give a multiple of %d rows",
          batch.size(), loss.name(), loss.stack(), loss.stack());
    }
    batch.checkTargets(loss);
  }

  /**
   * Checks that each row of a batch is a datapoint of its own.
   *
   * @param who needs it, as the subject of a sentence
   * @throws IllegalArgumentException if the loss couples rows ({@link LossFunction#stack})
   */
  public static void checkSingleRows(LossFunction loss, String who) {
    Check.that(
        loss.stack() == 1,
        "%s takes each row of a batch for a datapoint of its own, and loss '%s' couples %d rows; use"
            + " GaussNewton.exact() or a first-order optimiser",
        who,
        loss.name(),
        loss.stack());
  }
}
