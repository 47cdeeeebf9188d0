package dev.krongauss.device;

/** Counts a device's memory and copies. Safe from any thread. */
final class Counters {
  private long device;
  private long peak;
  private long pinned;
  private long uploaded;
  private long downloaded;

  /**
   * @param bytes negative for memory that was freed
   */
  synchronized void device(long bytes) {
    device += bytes;
    peak = Math.max(peak, device);
  }

  /**
   * @param bytes negative for memory that was freed
   */
  synchronized void pinned(long bytes) {
    pinned += bytes;
  }

  synchronized void uploaded(long bytes) {
    uploaded += bytes;
  }

  synchronized void downloaded(long bytes) {
    downloaded += bytes;
  }

  synchronized void resetPeak() {
    peak = device;
  }

  synchronized Usage usage() {
    return new Usage(device, peak, pinned, uploaded, downloaded);
  }
}
