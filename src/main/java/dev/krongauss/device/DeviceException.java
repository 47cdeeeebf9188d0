package dev.krongauss.device;

/**
 * A failure of the device, the driver or one of its libraries; the message names cause and way out.
 */
public final class DeviceException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private boolean repeated;

  public DeviceException(String message) {
    super(message);
  }

  public DeviceException(String message, Throwable cause) {
    super(message, cause);
  }

  /**
   * @param repeated whether this is only what a fault that was reported before leads to
   */
  DeviceException(String message, boolean repeated) {
    super(message);
    this.repeated = repeated;
  }

  /** Whether nothing is in it that an earlier exception did not say. */
  boolean isRepeated() {
    return repeated;
  }
}
