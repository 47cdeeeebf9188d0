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
}
