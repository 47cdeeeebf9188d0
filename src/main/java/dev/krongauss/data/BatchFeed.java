package dev.krongauss.data;

/** How batches get to their place on the device. */
interface BatchFeed extends AutoCloseable {
  /** Enqueues what puts a batch there, on the device's stream; numbers count from 0. */
  void give(long number);

  /** Frees pinned memory, after the copies in flight, and ends what works ahead. */
  @Override
  void close();
}
