package dev.krongauss.device;

/**
 * A failure of the device, the driver or one of its libraries; the message names cause and way out.
 */
public final class DeviceException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public DeviceException(String message) {
    super(message);
  }

  public DeviceException(String message, Throwable cause) {
    super(message, cause);
  }
}
