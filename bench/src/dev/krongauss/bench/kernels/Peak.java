package dev.krongauss.bench.kernels;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Peak rates of a GPU, which its roofline is made of.
 *
 * @param ffma FP32 operations a second on the plain units
 * @param tf32 TF32 operations a second on the tensor cores, dense
 * @param bytes bytes a second of device memory
 * @param source where the numbers are from
 */
public record Peak(double ffma, double tf32, double bytes, String source) {
  private record Model(String name, double ffma, double tf32, double bytes) {}

  /**
   * NVIDIA's data sheets: boost clocks, dense rates. The first whose words are all in the device's
   * name counts.
   */
  private static final List<Model> MODELS =
      List.of(
          new Model("H200", 67e12, 494e12, 4.8e12),
          new Model("H100 PCIe", 51e12, 378e12, 2.0e12),
          new Model("H100 NVL", 60e12, 417e12, 3.9e12),
          new Model("H100", 67e12, 494e12, 3.35e12),
          new Model("A100 SXM4 80GB", 19.5e12, 156e12, 2.039e12),
          new Model("A100 80GB", 19.5e12, 156e12, 1.935e12),
          new Model("A100", 19.5e12, 156e12, 1.555e12),
          new Model("RTX 4090", 82.6e12, 82.6e12, 1.008e12));

  /** FP32 operations a clock and multiprocessor where the capability is not in the table. */
  private static final int LANES = 128;

  /**
   * By the device's name, or for an unknown one from clock, multiprocessors and memory bus, without
   * tensor cores.
   *
   * @param lanes64 whether a multiprocessor has 64 FP32 lanes (capability 7.x and 8.0), not 128
   */
  static Peak of(
      String name,
      int multiprocessors,
      boolean lanes64,
      double clockHertz,
      double memoryClockHertz,
      int busBits) {
    for (Model model : MODELS) {
      List<String> words = List.of(model.name().split(" "));
      List<String> have = List.of(name.replace('-', ' ').split(" "));
      if (have.containsAll(words)) {
        return new Peak(model.ffma(), model.tf32(), model.bytes(), "data sheet of " + model.name());
      }
    }
    double ffma = 2.0 * multiprocessors * (lanes64 ? LANES / 2 : LANES) * clockHertz;
    double bytes = 2 * memoryClockHertz * busBits / 8;
    return new Peak(
        ffma,
        ffma,
        bytes,
        String.format(
            Locale.ROOT,
            "unknown device: computed from %d multiprocessors at %.0f MHz and a %d bit memory bus"
                + " at %.0f MHz, tensor cores not known",
            multiprocessors,
            clockHertz / 1e6,
            busBits,
            memoryClockHertz / 1e6));
  }

  /** For a result. */
  Map<String, Object> asMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("fp32Teraflops", ffma / 1e12);
    map.put("tf32Teraflops", tf32 / 1e12);
    map.put("gigabytesPerSecond", bytes / 1e9);
    map.put("source", source);
    return map;
  }

  /**
   * The least seconds for this work: whichever takes longer, memory or arithmetic. Arithmetic
   * counts at the best FP32-accurate rate: plain units, or a third of the tensor cores' (three
   * products).
   */
  double roofSeconds(double flops, double moved) {
    return Math.max(moved / bytes, flops / Math.max(ffma, tf32 / 3));
  }

  /** The same without tensor cores. */
  double plainRoofSeconds(double flops, double moved) {
    return Math.max(moved / bytes, flops / ffma);
  }
}
