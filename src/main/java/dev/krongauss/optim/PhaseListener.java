package dev.krongauss.optim;

/**
 * Told of the phases of an update, to measure them: {@link
 * Optimizer#step(dev.krongauss.model.Batch, PhaseListener)}.
 */
@FunctionalInterface
public interface PhaseListener {
  /**
   * The device has finished a phase, and begins the next one when this returns. A phase may come in
   * several parts.
   */
  void finished(Phase phase);

  /**
   * Whether the device is waited for before {@link #finished}. Where it is not, that call comes
   * when the phase has been enqueued, between it and the next: for events on the device's stream,
   * which time a phase without the host in it.
   *
   * @return true unless overridden
   */
  default boolean waits() {
    return true;
  }
}
