package dev.krongauss.optim;

import dev.krongauss.device.Matrix;
import java.util.List;
import java.util.function.Supplier;

/**
 * The average of a model's weights over an optimiser's accepted updates ({@link
 * GaussNewton.Builder#averageIterates}): often the better result, since it has less of the last
 * batches' noise.
 */
public final class AveragedWeights {
  private final IterateMean mean;
  private final Runnable check;

  /**
   * @param check throws where the optimiser cannot be used
   */
  AveragedWeights(IterateMean mean, Runnable check) {
    this.mean = mean;
    this.check = check;
  }

  /**
   * The averages on the device, shaped like the parameters; 0 before the first accepted update.
   * They belong to the optimiser and are freed with it.
   */
  public List<Matrix> matrices() {
    return mean.means();
  }

  /** Whether there is one: whether an update has been accepted. Waits. */
  public boolean any() {
    return mean.any();
  }

  /**
   * Runs {@code work} with the averages as the model's weights, and puts the weights back whatever
   * it does: to evaluate them, as {@code train.Evaluation} does. Training goes on as if nothing had
   * been there.
   *
   * @return what {@code work} returns
   * @throws IllegalStateException if {@link GaussNewton#swapAverages} has them in the model, no
   *     update has been accepted yet, the optimiser is closed, or the device's stream is being
   *     captured
   */
  public <T> T with(Supplier<T> work) {
    check();
    mean.checkAny();
    mean.swap();
    try {
      return work.get();
    } finally {
      mean.putBack();
    }
  }

  /**
   * Makes the averages the model's weights, as the result of a run. Waits. The weights of the last
   * update are gone; the averages stay.
   *
   * @throws IllegalStateException as {@link #with}
   */
  public void take() {
    check();
    mean.take();
  }

  private void check() {
    check.run();
    mean.checkNotSwapped();
  }
}
