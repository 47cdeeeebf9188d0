package dev.krongauss.bench.fetch;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;

/**
 * Closes a body that nothing comes from any more: the JDK's client has a time-out for an answer to
 * begin, none for it to go on.
 */
final class StallGuard implements AutoCloseable {
  private final InputStream body;
  private final long limit;
  private final Thread watch;
  private volatile long last = System.nanoTime();
  private volatile boolean stalled;

  StallGuard(InputStream body, Duration limit) {
    this.body = body;
    this.limit = limit.toNanos();
    watch = new Thread(this::watch, "stall-guard");
    watch.setDaemon(true);
    watch.start();
  }

  /** Something came. */
  void alive() {
    last = System.nanoTime();
  }

  /** Whether the body was closed for that nothing came. */
  boolean stalled() {
    return stalled;
  }

  private void watch() {
    try {
      for (long left = limit; left > 0; left = limit - (System.nanoTime() - last)) {
        Thread.sleep(left / 1_000_000 + 1);
      }
      stalled = true;
      body.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the body ended in time
    } catch (IOException e) {
      throw new UncheckedIOException("closing a stalled answer failed", e);
    }
  }

  @Override
  public void close() {
    watch.interrupt();
  }
}
