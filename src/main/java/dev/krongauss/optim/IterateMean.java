package dev.krongauss.optim;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Control;
import dev.krongauss.kernel.IterateAverage;
import dev.krongauss.kernel.LayerUpdate;
import dev.krongauss.model.Model;
import dev.krongauss.model.State;
import java.util.List;

/** The average of the weights over the accepted updates, and its exchange with the weights. */
final class IterateMean {
  private final Stream stream;
  private final Arena arena;
  private final Scalars scalars;
  private final IterateAverage average;
  private final List<Matrix> W;
  private final List<Matrix> means;
  private final float decay;
  private List<Matrix> aside;
  private boolean swapped;

  IterateMean(Model model, Arena arena, Scalars scalars, float decay) {
    this.stream = model.device().stream();
    this.arena = arena;
    this.scalars = scalars;
    this.average = new IterateAverage(model.device());
    this.W = model.parameters();
    this.means = FirstOrder.like(W, arena, "average of W");
    this.decay = decay;
  }

  /** Enters the weights, if the update is accepted. */
  void enter() {
    average.enter(stream, means, W, decay, scalars.applied(), scalars.at(Control.ACCEPTED));
  }

  /** What the update of the weights needs to enter them itself. */
  LayerUpdate.Iterates entry() {
    return new LayerUpdate.Iterates(means, decay, scalars.applied());
  }

  /** The averages; while they are swapped, the weights. */
  List<Matrix> means() {
    return means;
  }

  /** Enqueues the exchange of weights and averages; the first time allocates. */
  void swap() {
    if (aside == null) {
      aside = FirstOrder.like(W, arena, "W aside");
    }
    stream.alone(this::exchangeWeights);
    swapped = !swapped;
  }

  private void exchangeWeights() {
    for (int l = 0; l < W.size(); l++) {
      stream.copy(W.get(l), aside.get(l));
      stream.copy(means.get(l), W.get(l));
      stream.copy(aside.get(l), means.get(l));
    }
  }

  /** Whether an update has been accepted; waits. */
  boolean any() {
    return scalars.appliedAtAll() > 0;
  }

  /**
   * Fails before the first accepted update; waits.
   *
   * @throws IllegalStateException then
   */
  void checkAny() {
    if (!any()) {
      throw new IllegalStateException(
          "no update has been accepted yet, and so there are no averages; train first");
    }
  }

  /** Enqueues the exchange back, where the averages stand in the model. */
  void putBack() {
    if (swapped) {
      swap();
    }
  }

  /**
   * Copies the averages to the weights; waits.
   *
   * @throws IllegalStateException if there are none
   */
  void take() {
    checkAny();
    stream.alone(this::copyToWeights);
    stream.synchronize();
  }

  private void copyToWeights() {
    for (int l = 0; l < W.size(); l++) {
      stream.copy(means.get(l), W.get(l));
    }
  }

  void exchange(State state) {
    checkNotSwapped();
    state.matrices("average", means);
  }

  /**
   * Fails while the averages stand in the model.
   *
   * @throws IllegalStateException then
   */
  void checkNotSwapped() {
    if (swapped) {
      throw new IllegalStateException(
          "the averaged weights stand in the model; call swapAverages() once more before the next"
              + " step");
    }
  }
}
