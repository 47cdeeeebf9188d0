package dev.krongauss.device;

import java.util.ArrayList;
import java.util.List;

/**
 * Closes many things, and all of them, whatever fails; what failed is thrown in the end. After a
 * fault of the device they all fail by it: that is said once.
 */
final class Closing {
  private final List<RuntimeException> failures = new ArrayList<>();
  private final List<RuntimeException> repeated = new ArrayList<>();
  private int attempts;

  /** Closes one thing. */
  void close(AutoCloseable resource) {
    attempt(
        () -> {
          try {
            resource.close();
          } catch (RuntimeException e) {
            throw e;
          } catch (Exception e) {
            throw new DeviceException("closing " + resource + " failed", e);
          }
        });
  }

  /** Releases one thing. */
  void attempt(Runnable release) {
    attempts++;
    try {
      release.run();
    } catch (DeviceException e) {
      (e.isRepeated() ? repeated : failures).add(e);
    } catch (RuntimeException e) {
      failures.add(e);
    }
  }

  /**
   * @param what was closed, for the message
   * @throws DeviceException if something failed, with the message of the first failure, which is
   *     its cause if it is no DeviceException; others are suppressed, but for those by a fault that
   *     was reported before
   */
  void end(String what) {
    if (failures.isEmpty() && repeated.isEmpty()) {
      return;
    }
    if (failures.isEmpty()) {
      throw new DeviceException(message(what, repeated.get(0)), true);
    }
    RuntimeException first = failures.get(0);
    // The cause's message would be printed again.
    DeviceException all =
        first instanceof DeviceException
            ? new DeviceException(message(what, first))
            : new DeviceException(message(what, first), first);
    failures.stream().skip(1).forEach(all::addSuppressed);
    throw all;
  }

  private String message(String what, RuntimeException first) {
    return String.format(
        "closing %s: %d of %d releases failed, all others were made; the first: %s",
        what, failures.size() + repeated.size(), attempts, first.getMessage());
  }
}
