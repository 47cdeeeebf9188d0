package dev.krongauss.bench.kit;

/**
 * Holds a session to its limit whatever happens: kills what it started, and if that does not end
 * it, this process. Result files are whole, and those not complete say so.
 */
final class Watchdog implements AutoCloseable {
  private static final double GRACE_SECONDS = 3;
  private static final int STATUS = 1;

  private final Thread thread;

  /**
   * @param seconds from now, the last three for what ends by itself once its processes are gone
   */
  Watchdog(double seconds) {
    thread = new Thread(() -> watch(seconds), "watchdog");
    thread.setDaemon(true);
    thread.start();
  }

  private static void watch(double seconds) {
    try {
      Thread.sleep((long) (1e3 * Math.max(0, seconds - GRACE_SECONDS)));
      System.out.println("the limit is reached: what still runs is stopped");
      ProcessHandle.current().descendants().forEach(ProcessHandle::destroyForcibly);
      Thread.sleep((long) (1e3 * GRACE_SECONDS));
    } catch (InterruptedException e) {
      return; // the session has ended
    }
    System.out.println("results written so far are kept; they say \"complete\": false");
    Runtime.getRuntime().halt(STATUS);
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
