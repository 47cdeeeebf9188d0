package dev.krongauss.device;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Supplier;

/**
 * Things of several parts, made wholly or not at all: nobody could close the parts of one whose
 * construction has failed. Each thread makes its own.
 */
final class Construction {
  private final ThreadLocal<Deque<AutoCloseable>> begun = new ThreadLocal<>();

  /** See {@link Device#allOrNothing}; within another one its parts are parts of that one, too. */
  <T> T of(Supplier<T> make) {
    Deque<AutoCloseable> around = begun.get();
    Deque<AutoCloseable> parts = new ArrayDeque<>();
    begun.set(parts);
    try {
      T whole = make.get();
      if (around != null) {
        parts.descendingIterator().forEachRemaining(around::push);
      }
      return whole;
    } catch (RuntimeException | Error e) {
      close(parts, e);
      throw e;
    } finally {
      begun.set(around);
    }
  }

  /** A part was made. */
  void made(AutoCloseable part) {
    Deque<AutoCloseable> parts = begun.get();
    if (parts != null) {
      parts.push(part);
    }
  }

  /** The last made first. */
  private static void close(Deque<AutoCloseable> parts, Throwable cause) {
    Closing closing = new Closing();
    parts.forEach(closing::close);
    try {
      closing.end("the parts of what could not be built");
    } catch (DeviceException e) {
      cause.addSuppressed(e);
    }
  }
}
