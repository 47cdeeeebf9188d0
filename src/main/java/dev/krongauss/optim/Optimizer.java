package dev.krongauss.optim;

import dev.krongauss.model.Batch;

/**
 * Changes a model's weights, one minibatch at a time. It owns its own device memory, not the
 * model's. A step enqueues work and returns; nothing waits until a report is read.
 */
public interface Optimizer extends AutoCloseable {
  /**
   * Makes one update on a batch.
   *
   * @return a lazy report: reading it waits for the step, ignoring it costs nothing
   * @throws IllegalArgumentException if the batch does not fit the model or the loss, or holds
   *     targets that the loss cannot take
   * @throws IllegalStateException while averaged weights are swapped in
   * @throws DivergenceException if too many updates in a row were rejected; the weights are those
   *     before them
   */
  StepReport step(Batch batch);

  /** Short name for tables and files: {@code kfra}, {@code adam}, … */
  String name();

  @Override
  void close();
}
