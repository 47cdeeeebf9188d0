package dev.krongauss.optim;

import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Reads reports one update late, so that the device has the next update to do while the host works
 * on what the last one said; in order, none left out, and with the values that reading each at once
 * gives, those of all later updates included, bit for bit.
 *
 * <p>The report of an update that {@link StepReport#refreshed} is read at once, since what it says
 * may make the next update refresh again. Before anything that is to see the weights of the last
 * update alone, such as an evaluation or a checkpoint, and at the end, call {@link #drain}.
 *
 * <pre>{@code
 * LateReports late = new LateReports(report -> log.add(report.loss()));
 * for (int k = 0; k < updates; k++) {
 *   late.add(optimizer.step(batches.next()));
 * }
 * late.drain();
 * }</pre>
 *
 * <p>For one thread, that of the optimiser.
 */
public final class LateReports {
  private final Consumer<StepReport> reader;
  private StepReport waiting;

  /**
   * @param reader is given each report in its turn, and reads it there
   */
  public LateReports(Consumer<StepReport> reader) {
    this.reader = Objects.requireNonNull(reader, "reader");
  }

  /**
   * Takes the report of the update that has just been enqueued, and has the one before it read. An
   * exception of the reader comes out here, or from {@link #drain}; the report it was about is not
   * given again.
   */
  public void add(StepReport report) {
    Objects.requireNonNull(report, "report");
    drain();
    waiting = report;
    if (report.refreshed()) {
      drain();
    }
  }

  /** Has the report that waits read, if there is one: nothing is on its way afterwards. */
  public void drain() {
    StepReport next = waiting;
    waiting = null;
    if (next != null) {
      reader.accept(next);
    }
  }

  /** The report that {@link #drain} would have read. */
  public Optional<StepReport> waiting() {
    return Optional.ofNullable(waiting);
  }
}
