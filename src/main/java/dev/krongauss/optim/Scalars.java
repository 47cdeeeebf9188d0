package dev.krongauss.optim;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Device;
import dev.krongauss.device.Event;
import dev.krongauss.device.Repeated;
import dev.krongauss.device.Staging;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Control;
import dev.krongauss.kernel.argument.Count;
import dev.krongauss.model.State;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
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
  private final Staging ring;
  private final Event[] events = new Event[RING];
  private final ByteBuffer[] views = new ByteBuffer[RING];
  private final Runnable[] copies = new Runnable[RING]; // on the device's stream, with their events
  private final StepReport[] reports = new StepReport[RING];
  private final int layers;
  private final boolean apart;
  private final int slotBytes;
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
    int slots = Control.SLOTS + (apart ? layers : 0);
    this.stream = device.stream();
    this.block = arena.floats(slots, "scalars");
    this.layers = layers;
    this.apart = apart;
    this.slotBytes = 4 * slots;
    this.ring = device.staging((long) RING * slotBytes);
    this.mostRejected = mostRejected;
    block.upload(Arrays.copyOf(initial, slots), device.stream());
    for (int i = 0; i < RING; i++) {
      int offset = i * slotBytes;
      events[i] = device.newEvent();
      views[i] = ring.bytes().position(offset).slice().order(ByteOrder.nativeOrder());
      Repeated copy = ring.copyingFrom(block.pointer(), offset, slotBytes, stream);
      Repeated record = events[i].recording(stream);
      copies[i] =
          () -> {
            copy.run();
            record.run();
          };
    }
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

  /** The last report, of an update or of a block that was replaced. */
  StepReport last() {
    return reports[(int) ((next - 1) % RING)];
  }

  /**
   * Enqueues the copy of the block into the ring and returns the report that will read it: that of
   * an update, which is counted.
   */
  StepReport report() {
    steps++;
    return copied();
  }

  private StepReport copied() {
    int slot = (int) (next % RING);
    if (reports[slot] != null) {
      reports[slot].complete();
    }
    stream.together(copies[slot]);
    reports[slot] = new StepReport(views[slot], events[slot], layers, apart);
    next++;
    return reports[slot];
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
      StepReport report = reports[(int) (oldest % RING)];
      if (rejected + (next - checked) <= mostRejected && !report.available()) {
        return;
      }
      rejected = report.peek(Control.REJECTED);
      checked = oldest + 1;
      if (rejected > mostRejected) {
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
      StepReport last = copied();
      steps = last.number();
      if (known) {
        last.accepted(); // a look, as there was one
      }
    }
  }

  @Override
  public void close() {
    for (StepReport report : reports) {
      if (report != null && !stream.isClosed()) {
        report.complete();
      }
    }
    for (Event event : events) {
      event.close();
    }
    ring.close();
  }
}
