package dev.krongauss.model;

import dev.krongauss.device.Stream;

/**
 * Where batches come from that device work brings to their place, work that can be captured: which
 * batch is next stands on the device and goes on by itself, so that a graph brings another batch at
 * each launch.
 */
public interface BatchSource {
  /** The batch where it lies, or will lie; looking at it brings nothing. */
  Batch place();

  /**
   * Sees to it that the next {@link #bring}, or launch of a graph that holds one, brings the batch
   * that was given out last, and counts on it. Enqueues something only where another one would
   * come, as after a batch that nobody took, or for a second taker of one.
   */
  void expect();

  /** Enqueues the work that brings the batch. */
  void bring(Stream s);

  /** Whether its memory is given back. */
  boolean isClosed();
}
