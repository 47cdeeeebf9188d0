package dev.krongauss.optim;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Device;
import dev.krongauss.device.Staging;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Control;
import dev.krongauss.kernel.argument.Count;
import dev.krongauss.model.State;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.Supplier;

/**
 * The scalar block of an optimiser in device memory, and the pinned ring its reports are copied
 * into at the end of every step.
 */
final class Scalars implements AutoCloseable {
  private static final int RING = 32;

  private final Stream stream;
  private final Buffer block;
  private final Staging memory;
  private final ReportSlot[] ring = new ReportSlot[RING];
  private final int mostRejected;
  private long next;
  private long checked; // reports that have been looked at for rejections
  private long rejected; // in a row, by the last of them
  private long steps;

  /**
   * @param initial values of the slots, {@link Control#SLOTS} of them
   * @param layers L
   * @param apart whether each layer has a step length of its own: L more floats behind the slots
   * @param mostRejected rejected updates in a row that are still tolerated
   */
  Scalars(
      Device device, Arena arena, float[] initial, int layers, boolean apart, int mostRejected) {
    int slots = StepReport.numbers(layers, apart);
    this.stream = device.stream();
    this.block = arena.floats(slots, "scalars");
    this.memory = device.staging(4L * RING * slots);
    this.mostRejected = mostRejected;
    block.upload(Arrays.copyOf(initial, slots), stream);
    Arrays.setAll(ring, i -> new ReportSlot(stream, block, memory, i, layers, apart));
  }

  /** Values of the slots before the first update: NaN for what a report may be without. */
  static float[] blank() {
    float[] initial = new float[Control.SLOTS];
    initial[Control.CURVATURE] = Float.NaN;
    initial[Control.RHO] = Float.NaN;
    initial[Control.KAPPA] = Float.NaN;
    initial[Control.BLOCK_CURVATURE] = Float.NaN;
    initial[Control.MODELLED_CURVATURE] = Float.NaN;
    return initial;
  }

  long pointer() {
    return block.pointer();
  }

  /** Device address of a slot. */
  long at(int slot) {
    return block.at(slot);
  }

  /** Device address of the step lengths of the layers, L floats, where each has its own. */
  long steps() {
    return block.at(Control.SLOTS);
  }

  /** Updates applied, on the device. */
  Count applied() {
    return new Count(at(Control.APPLIED), at(Control.APPLIED_HIGH));
  }

  /** Updates applied so far; waits. */
  long appliedAtAll() {
    int[] slots = block.downloadInts(Control.SLOTS, stream);
    return Count.of(slots[Control.APPLIED], slots[Control.APPLIED_HIGH]);
  }

  /**
   * Updates begun so far, as the device counts them.
   *
   * @throws IllegalStateException if that is the most that can be counted
   */
  long steps(String optimizer) {
    if (steps < 0 || steps >= Count.MOST) {
      throw new IllegalStateException(
          String.format(
              Locale.ROOT,
              "%s has counted %,d updates, and %,d are the most that it counts; go on with these"
                  + " weights and a new optimiser",
              optimizer,
              steps,
              Count.MOST));
    }
    return steps;
  }

  /** The same, unchecked. */
  long begun() {
    return steps;
  }

  /** What the last update has left, or a block that was replaced. */
  ReportSlot last() {
    return ring[(int) ((next - 1) % RING)];
  }

  /**
   * The report of it.
   *
   * @throws IllegalStateException if there has been no update, or this is closed
   */
  StepReport lastReport() {
    if (next == 0) {
      throw new IllegalStateException("there has been no update to report of yet");
    }
    return last().report();
  }

  /**
   * Enqueues the copy of the block into the ring, for the report of an update, which is counted.
   *
   * @param ofRefresh whether it has computed factors and inverses anew
   */
  void finished(boolean ofRefresh) {
    steps++;
    copy(ofRefresh);
  }

  private void copy(boolean ofRefresh) {
    ring[(int) (next % RING)].fill(ofRefresh);
    next++;
  }

  /** Whether the last update's report was looked at, and says that its inverses are of no use. */
  boolean knownFactorFailure() {
    return next > 0 && last().knownFactorFailure();
  }

  /**
   * Looks at the finished reports, and waits for others only where as many rejections as they are
   * would be too many: what is thrown, and before which update, does not depend on how fast the
   * device is.
   *
   * @param findings where the last update's numbers are not finite; asked for only if it throws
   * @throws DivergenceException if too many updates in a row were rejected
   */
  void checkForDivergence(String optimizer, Supplier<String> findings) {
    while (checked < next) {
      long oldest = Math.max(checked, next - RING); // those before it have been replaced
      ReportSlot slot = ring[(int) (oldest % RING)];
      if (rejected + (next - checked) <= mostRejected && !slot.available()) {
        return;
      }
      rejected = slot.peek(Control.REJECTED);
      checked = oldest + 1;
      if (rejected > mostRejected) {
        StepReport report = slot.report();
        throw new DivergenceException(
            String.format(
                Locale.ROOT,
                "%s: %d updates in a row were rejected, the last of them update %d because %s%s%s;"
                    + " the weights are as they were before",
                optimizer,
                report.rejectedInARow(),
                report.update(),
                report.problem(),
                findings.get(),
                Double.isNaN(report.lambda())
                    ? ""
                    : String.format(Locale.ROOT, "; lambda has reached %.3g", report.lambda())));
      }
    }
  }

  /**
   * The block, and whether the last report was looked at. A block that was replaced makes a report
   * of its own, the last one: what it says counts as it did where it was written, and older ones
   * count no more.
   */
  void exchange(State state) {
    state.buffer("scalars", block);
    boolean known = state.number("factorsHadFailed", knownFactorFailure() ? 1 : 0) != 0;
    if (state.replaces()) {
      checked = next;
      rejected = mostRejected; // whatever it says, it is waited for
      copy(false);
      steps = Count.of(last().peek(Control.STEP), last().peek(Control.STEP_HIGH));
      if (known) {
        last().report().accepted(); // a look, as there was one
      }
    }
  }

  @Override
  public void close() {
    for (ReportSlot slot : ring) {
      slot.close();
    }
    memory.close();
  }
}
