package dev.krongauss.ptx;

import dev.krongauss.device.Device;
import dev.krongauss.device.DeviceException;
import java.util.Optional;

/** What the device says of an instruction that it does not execute. */
final class Refusals {
  private Refusals() {}

  /** The message with which the device refuses a module with this form; empty: it takes it. */
  static Optional<String> of(Device device, Form form) {
    try {
      String text = Kernels.HEADER + "\n" + Kernels.kernel("k", form, 0x96);
      device.userFunction("form", text, "k");
      return Optional.empty();
    } catch (DeviceException e) {
      return Optional.of(e.getMessage());
    }
  }
}
