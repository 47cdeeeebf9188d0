package dev.krongauss.testing;

import dev.krongauss.device.Device;

/**
 * The one device that all tests of a JVM share: opening one costs more than most tests, and a JVM
 * has one kind only.
 *
 * <p>It stays open until the JVM ends. A test closes what it allocates, never this device.
 */
public final class TestDevice {
  private TestDevice() {}

  /** The shared device, opened on first use. */
  public static Device get() {
    return Holder.DEVICE;
  }

  private static final class Holder {
    private static final Device DEVICE = open();

    private static Device open() {
      Device device = Device.open();
      Runtime.getRuntime().addShutdownHook(new Thread(device::close, "test-device-close"));
      return device;
    }
  }
}
