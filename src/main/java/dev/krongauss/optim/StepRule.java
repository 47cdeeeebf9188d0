package dev.krongauss.optim;

import dev.krongauss.kernel.argument.Beginning;
import dev.krongauss.model.State;

/**
 * How a preconditioned gradient becomes a step: with one length for all layers ({@link
 * ScalarStep}), or one for each ({@link LayerStep}). Calls come in this order, each enqueues on the
 * device's stream and takes no decision by a value.
 */
interface StepRule extends AutoCloseable {
  /** Makes room for batches of N datapoints, d_L outputs each; waits if that has changed. */
  void prepare(int N, int outputs);

  /** How an update begins on the device: it is counted, and the dampings follow their rules. */
  Beginning beginning();

  /** Whether ‖θ‖² is to be measured with the loss; else the rule measures it. */
  boolean needsNorm();

  /** Writes the direction from the gradient, with the inverses in use. */
  void solve();

  /** Measures the direction. */
  void measure();

  /**
   * Step lengths, and whether the update is accepted.
   *
   * @param refreshed whether this update has refreshed factors and inverses
   */
  void decide(boolean refreshed);

  /** Changes the weights and their average, if the update is accepted. */
  void apply();

  /**
   * Takes what {@link #measure} needs from a chunk of the batch, while the model's last pass has
   * it; where batches are cut.
   */
  void take(ChunkPass chunk);

  /** What outlives an update, but for the scalars. */
  void exchange(State state);

  @Override
  void close();
}
