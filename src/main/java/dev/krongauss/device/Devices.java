package dev.krongauss.device;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The devices of this process, of the kind that {@link Device#open} takes. */
public final class Devices {
  private static final Logger LOG = LoggerFactory.getLogger(Device.class);

  private Devices() {}

  /**
   * How many there are; those that {@code CUDA_VISIBLE_DEVICES} hides are not counted. SoftCUDA is
   * one, or as many as the system property {@code krongauss.softcuda.devices} said when the first
   * of them was opened.
   *
   * @throws DeviceException as {@link Device#open}
   */
  public static int count() {
    NativeLoader.load();
    return PrimaryContext.devices();
  }

  /**
   * {@link Device#open} for one of several, as each rank of a machine takes that of its local rank.
   *
   * @param number from 0, below {@link #count}
   * @throws DeviceException as {@link Device#open}
   * @throws IllegalArgumentException if there is no such device
   */
  public static Device open(int number) {
    NativeLoader.Choice choice = NativeLoader.load();
    Faults.checkNone();
    Device device = new Device(choice, number);
    if (!Faults.first().isEmpty()) {
      LOG.warn(
          "a device of this JVM had a fault, after which a GPU needs a new JVM: {}",
          Faults.first());
    }
    LOG.info(
        "device {} because {}; {}",
        device.name(),
        choice.reason(),
        device.libraries().description());
    return device;
  }
}
