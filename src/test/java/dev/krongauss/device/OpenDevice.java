package dev.krongauss.device;

/** Opens the device in a JVM of its own, and says how that went. */
final class OpenDevice {
  private OpenDevice() {}

  public static void main(String[] args) {
    try (Device device = Device.open()) {
      System.out.println("opened " + device);
    } catch (DeviceException e) {
      System.out.println("refused " + e.getMessage());
    }
  }
}
