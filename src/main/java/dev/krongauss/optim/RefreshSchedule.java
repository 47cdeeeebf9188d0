package dev.krongauss.optim;

import dev.krongauss.kernel.Control;
import dev.krongauss.kernel.argument.Count;

/**
 * Which updates refresh factors and inverses: every so many, or as the drift of the factors has it.
 *
 * <p>By drift, the update that refreshes says on the device which one does so next, {@link #LEAST}
 * or more updates later ({@code kernels/layer_signals.cuh}). The host asks no sooner, so that it
 * waits only for a device that is as far behind; what an update does never depends on how fast the
 * device is.
 */
final class RefreshSchedule {
  /** The shortest interval by drift: kLeastInterval of the kernels. */
  static final int LEAST = 5;

  private final Integer every;
  private final Scalars scalars;
  private ReportSlot unread; // of the last update that refreshed, until it is asked
  private long refreshed; // that update
  private long next; // the update that refreshes, once there is nothing unread

  /**
   * @param every updates from one refresh to the next; null for the drift
   */
  RefreshSchedule(Integer every, Scalars scalars) {
    this.every = every;
    this.scalars = scalars;
  }

  /**
   * Whether the next update refreshes. May wait for the last one that did.
   *
   * @param step of the optimiser, from 1; the drift goes by the count of the device
   */
  boolean due(long step) {
    if (every != null) {
      return (step - 1) % every == 0;
    }
    long update = scalars.begun() + 1;
    if (unread != null && update - refreshed >= LEAST) {
      take(unread);
    }
    return unread == null && update >= next;
  }

  /** The last update has refreshed. */
  void refreshed() {
    unread = scalars.last();
    refreshed = scalars.begun();
  }

  /** The scalar block was replaced: its own next refresh counts. */
  void replaced() {
    take(scalars.last());
  }

  private void take(ReportSlot slot) {
    next = Count.of(slot.peek(Control.NEXT_REFRESH), slot.peek(Control.NEXT_REFRESH_HIGH));
    unread = null;
  }
}
