package dev.krongauss.optim;

import dev.krongauss.device.Blas;
import dev.krongauss.device.Device;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the bits of a device's results depend on beside the work: the chip, the libraries, and the
 * settings that choose among kernels or accuracies. Ranks that do the same work each for itself
 * need the same, or their weights would part without a sign.
 */
final class Arithmetic {
  /** With their defaults. What leaves the bits as they are, as {@code krongauss.chain}, is not. */
  private static final Map<String, String> PROPERTIES =
      Map.of(
          "krongauss.operations", "auto",
          "krongauss.tile", "auto",
          "krongauss.chip", "device",
          "krongauss.direction", "fp32",
          "krongauss.curvature", "fp32",
          "krongauss.softcuda.mma", "unset");

  /** How SoftCUDA's library divides a product, and whose tensor cores it plays. */
  private static final List<String> VARIABLES =
      List.of("KRONGAUSS_BLAS_THREADS", "KRONGAUSS_SOFTCUDA_MMA");

  private Arithmetic() {}

  /** Names and values. */
  static Map<String, String> of(Device device) {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("device", device.name());
    settings.put("compute capability", Integer.toString(device.computeCapability()));
    settings.put("multiprocessors", Integer.toString(device.multiprocessors()));
    settings.put("cuBLAS", device.blas().map(Blas::version).map(String::valueOf).orElse("none"));
    settings.put("cuSOLVER", device.solver().isPresent() ? "some" : "none");
    PROPERTIES.forEach((name, usual) -> settings.put(name, System.getProperty(name, usual)));
    if (device.isSoftware()) {
      VARIABLES.forEach(each -> settings.put(each, System.getenv().getOrDefault(each, "unset")));
    }
    return settings;
  }
}
