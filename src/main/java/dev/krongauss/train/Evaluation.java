package dev.krongauss.train;

import dev.krongauss.data.Dataset;
import dev.krongauss.model.Batch;
import dev.krongauss.model.LossFunction;
import dev.krongauss.model.Model;
import dev.krongauss.net.Network;
import java.util.Optional;

/**
 * How good a model's present weights are, without a step: the mean loss of a batch ({@link #loss}),
 * and of a network on the rows of a data set, held out from training, its {@link Scores}. Both wait
 * for the numbers.
 *
 * <p>Training is not disturbed. {@link #scores} has a stream and memory of its own, and reads the
 * weights after all that was enqueued before it. {@link #loss} makes a forward pass of the model:
 * an optimiser's next step makes its own again, and batches of the size that is trained with keep
 * the model's memory, and with it the updates that are replayed.
 *
 * <p>Rows stay on the device where they take no more than 256 MiB of it; more are copied anew each
 * time, a chunk after the other. For one thread, the one that trains.
 */
public final class Evaluation implements AutoCloseable {
  private static final long BUDGET = 256L << 20;

  private final BatchLoss batches;
  private final Optional<RowScores> rows;
  private boolean closed;

  private Evaluation(BatchLoss batches, Optional<RowScores> rows) {
    this.batches = batches;
    this.rows = rows;
  }

  /**
   * Of batches of a model, which stays the caller's.
   *
   * @throws IllegalArgumentException if the loss cannot take the model's outputs
   */
  public static Evaluation of(Model model, LossFunction loss) {
    return model
        .device()
        .allOrNothing(() -> new Evaluation(new BatchLoss(model, loss), Optional.empty()));
  }

  /**
   * Of all rows of a data set. Takes the device memory for them, and copies them there if they fit.
   *
   * @param network stays the caller's
   * @param loss whose scores they are
   * @param data rows to evaluate, those the network does not train on; stays as it is
   * @throws IllegalArgumentException if the widths of inputs or targets do not fit, the loss cannot
   *     take a target, or all weights are 0
   * @throws dev.krongauss.device.DeviceException if the memory is not there
   */
  public static Evaluation of(Network network, LossFunction loss, Dataset data) {
    return of(network, loss, data, BUDGET);
  }

  /**
   * @param budget bytes of device memory that the rows may take
   */
  static Evaluation of(Network network, LossFunction loss, Dataset data, long budget) {
    return network
        .device()
        .allOrNothing(
            () ->
                new Evaluation(
                    new BatchLoss(network, loss),
                    Optional.of(new RowScores(network, loss, data, budget))));
  }

  /**
   * Mean loss of a batch, without an L2 term.
   *
   * @throws IllegalArgumentException if the batch does not fit model and loss
   * @throws IllegalStateException if this is closed
   */
  public double loss(Batch batch) {
    checkOpen();
    return batches.loss(batch);
  }

  /**
   * The scores of all rows with the network's present weights.
   *
   * @throws IllegalStateException if this was made without rows, is closed, or the device's stream
   *     is being captured
   */
  public Scores scores() {
    checkOpen();
    return rows.orElseThrow(
            () ->
                new IllegalStateException(
                    "an evaluation of batches, without rows; make it by"
                        + " Evaluation.of(network, loss, heldOut)"))
        .scores();
  }

  /** Rows that {@link #scores} goes by; 0 if this was made without. */
  public int rows() {
    return rows.map(RowScores::size).orElse(0);
  }

  /** The network of the rows. */
  Network network() {
    return rows.orElseThrow().network();
  }

  /** Whether the rows stay on the device. */
  boolean resident() {
    return rows.orElseThrow().resident();
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("the evaluation is closed; make another one");
    }
  }

  /** Frees its memory; closing twice does nothing. */
  @Override
  public void close() {
    closed = true;
    rows.ifPresent(RowScores::close);
    batches.close();
  }
}
