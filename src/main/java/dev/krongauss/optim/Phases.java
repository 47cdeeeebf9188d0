package dev.krongauss.optim;

import dev.krongauss.device.Stream;

/** Runs the phases of an update: one after the other, or with a listener one at a time. */
final class Phases {
  private final Stream stream;
  private PhaseListener listener;

  Phases(Stream stream) {
    this.stream = stream;
  }

  /**
   * @param next null for none, which costs nothing
   */
  void listener(PhaseListener next) {
    listener = next;
  }

  boolean watched() {
    return listener != null;
  }

  /** Enqueues a phase, and with a listener that waits, waits for it. */
  void run(Phase phase, Runnable work) {
    work.run();
    finished(phase);
  }

  /** Where the work of a phase was enqueued. */
  void finished(Phase phase) {
    if (listener != null) {
      if (listener.waits()) {
        stream.synchronize();
      }
      listener.finished(phase);
    }
  }
}
