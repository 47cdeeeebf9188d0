package dev.krongauss.dist;

import dev.krongauss.device.Device;
import dev.krongauss.device.DeviceException;
import dev.krongauss.device.Event;
import dev.krongauss.device.Stream;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends what waits for another rank too long. NCCL itself waits for ever: a rank that died over
 * NVLink or shared memory is nothing that its others hear of. So events stand before and after each
 * call on its stream, and a thread looks at the first call that has begun and not ended.
 */
final class NcclWatch {
  private static final Logger LOG = LoggerFactory.getLogger(NcclWatch.class);
  private static final long PAUSE_MILLIS = 20;

  /** A call on its stream. */
  private static final class Call {
    final String text;
    final Event before;
    final Event after;
    long begun; // nanoseconds, from when it was first seen to have begun

    Call(String text, Event before, Event after) {
      this.text = text;
      this.before = before;
      this.after = after;
    }
  }

  private final Device device;
  private final Duration timeout;
  private final Supplier<String> asks;
  private final Runnable abort;
  private final Deque<Call> calls = new ArrayDeque<>();
  private final Deque<Event> spare = new ArrayDeque<>();
  private final Thread thread = new Thread(this::watch, "krongauss-nccl-watch");
  private String failure = "";
  private boolean closed;

  /**
   * @param asks the engine what has failed; empty for nothing
   * @param abort ends what runs; called once at most, by the thread
   */
  NcclWatch(Device device, Duration timeout, Supplier<String> asks, Runnable abort) {
    this.device = device;
    this.timeout = timeout;
    this.asks = asks;
    this.abort = abort;
    thread.setDaemon(true);
    thread.start();
  }

  /** Enqueues a call between two events. */
  void around(Stream stream, String text, Runnable call) {
    Event before = event();
    before.record(stream);
    call.run();
    Event after = event();
    after.record(stream);
    synchronized (this) {
      calls.add(new Call(text, before, after));
    }
  }

  private synchronized Event event() {
    return spare.isEmpty() ? device.newEvent() : spare.remove();
  }

  /** Empty while all is well. */
  synchronized String failure() {
    return failure;
  }

  private void watch() {
    try {
      while (step()) {
        Thread.sleep(PAUSE_MILLIS);
      }
    } catch (InterruptedException e) {
      LOG.debug("closed", e);
    }
  }

  private synchronized boolean step() {
    if (closed || !failure.isEmpty()) {
      return false;
    }
    try {
      String asked = asks.get();
      failure = asked.isEmpty() ? late() : asked;
    } catch (DeviceException | CollectiveException e) {
      failure = e.getMessage();
    }
    if (!failure.isEmpty()) {
      LOG.error("the group has failed: {}", failure);
      abort.run();
    }
    return failure.isEmpty();
  }

  /** What the first call that has begun and not ended has waited too long for; else empty. */
  private String late() {
    while (!calls.isEmpty() && calls.peek().after.done()) {
      Call call = calls.remove();
      spare.add(call.before);
      spare.add(call.after);
    }
    Call first = calls.peek();
    if (first == null || !first.before.done()) {
      return "";
    }
    long now = System.nanoTime();
    if (first.begun == 0) {
      first.begun = now;
    }
    return now - first.begun < timeout.toNanos()
        ? ""
        : first.text
            + " has waited "
            + timeout
            + " for others; look for an error of those ranks,"
            + " see that they make the same calls in the same order, or give the group more time";
  }

  /** Whether nothing failed before. */
  boolean close() throws InterruptedException {
    synchronized (this) {
      closed = true;
    }
    thread.interrupt();
    thread.join();
    for (Call call : calls) {
      spare.add(call.before);
      spare.add(call.after);
    }
    spare.forEach(Event::close);
    return failure.isEmpty();
  }
}
