package dev.krongauss.device;

/**
 * Told of the kernels of a stream, to measure them: {@link Stream#onLaunch}. A replayed graph tells
 * nothing; its capture does.
 */
@FunctionalInterface
public interface LaunchListener {
  /**
   * A kernel has been enqueued, or captured; what the listener enqueues comes between it and the
   * next one.
   *
   * @param kernel name of its function
   */
  void enqueued(String kernel);
}
