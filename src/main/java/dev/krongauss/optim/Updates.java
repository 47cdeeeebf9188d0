package dev.krongauss.optim;

import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.model.Batch;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What all updates begin and end with, whichever optimiser's they are: the device's context, the
 * listener, the checks, the report. Its parts are objects made once, so that an update leaves no
 * garbage.
 */
final class Updates {
  private final Stream stream;
  private final Phases phases;
  private final Replays replays;
  private final Scalars scalars;
  private final Supplier<String> name;
  private final Supplier<String> findings; // where the last update's numbers are not finite
  private final Consumer<Batch> work;
  private final Function<Batch, ReportSlot> next = this::next;
  private final Runnable check = this::check;

  /**
   * @param name of the optimiser, for messages
   * @param gradients of the last update, which a message about its numbers looks at
   * @param work enqueues an update of a batch, by {@code replays}
   */
  Updates(
      Stream stream,
      Phases phases,
      Replays replays,
      Scalars scalars,
      Supplier<String> name,
      List<Matrix> gradients,
      Consumer<Batch> work) {
    this.stream = stream;
    this.phases = phases;
    this.replays = replays;
    this.scalars = scalars;
    this.name = name;
    this.findings = () -> NonFinite.layers("gradient", gradients, stream);
    this.work = work;
  }

  /**
   * Makes an update.
   *
   * @param listener null for none
   * @return what it leaves, for a report
   */
  ReportSlot run(Batch batch, PhaseListener listener) {
    phases.listener(listener);
    return stream.device().inContext(next, batch);
  }

  private ReportSlot next(Batch batch) {
    stream.together(check);
    work.accept(batch);
    return scalars.last();
  }

  private void check() {
    replays.checkUsable();
    scalars.checkForDivergence(name.get(), findings);
  }
}
