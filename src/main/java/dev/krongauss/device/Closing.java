package dev.krongauss.device;

import java.util.ArrayList;
import java.util.List;

/** Closes many things, and all of them, whatever fails; what failed is thrown in the end. */
final class Closing {
  private final List<RuntimeException> failures = new ArrayList<>();
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
    } catch (RuntimeException e) {
      failures.add(e);
    }
  }

  /**
   * @param what was closed, for the message
   * @throws DeviceException if something failed: one failure as it is, of several the first with
   *     the others suppressed
   */
  void end(String what) {
    if (failures.isEmpty()) {
      return;
    }
    RuntimeException first = failures.get(0);
    DeviceException all =
        new DeviceException(
            String.format(
                "closing %s: %d of %d releases failed, all others were made; the first: %s",
                what, failures.size(), attempts, first.getMessage()),
            first);
    failures.stream().skip(1).forEach(all::addSuppressed);
    throw all;
  }
}
