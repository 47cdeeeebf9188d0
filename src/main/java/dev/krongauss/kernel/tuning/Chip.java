package dev.krongauss.kernel.tuning;

import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The chip that tiles and numbers of blocks are chosen for: the device's own, unless {@code
 * -Dkrongauss.chip=CAPABILITY:MULTIPROCESSORS} (default {@code device}) names another, {@code
 * 90:132} for an H100. Results stay within their error bounds; {@code bench/model} counts so on
 * SoftCUDA what a GPU would run.
 *
 * <p>Public for the launchers; no part of the API.
 *
 * @param capability compute capability times ten: 80, 90
 * @param multiprocessors of the whole chip
 * @param software whether SoftCUDA's own choices are made
 */
public record Chip(int capability, int multiprocessors, boolean software) {
  private static final Pattern NAMED = Pattern.compile("([1-9]\\d{1,2}):([1-9]\\d{0,3})");

  /**
   * The chip of a device, or the one that the system property names.
   *
   * @throws IllegalArgumentException if {@code krongauss.chip} has another form
   */
  public static Chip of(Device device) {
    String wanted = System.getProperty("krongauss.chip", "device");
    if (wanted.equals("device")) {
      return ofDevice(device);
    }
    Matcher named = NAMED.matcher(wanted);
    Check.that(
        named.matches(),
        "krongauss.chip is '%s'; it must be device or CAPABILITY:MULTIPROCESSORS, such as 90:132",
        wanted);
    return new Chip(Integer.parseInt(named.group(1)), Integer.parseInt(named.group(2)), false);
  }

  /** The device's own chip, whatever the system property says. */
  public static Chip ofDevice(Device device) {
    return new Chip(device.computeCapability(), device.multiprocessors(), device.isSoftware());
  }

  /** The family's numbers. */
  public Tuning tuning() {
    return software ? new SoftCuda() : Tuning.of(capability);
  }
}
