package dev.krongauss.bench.report;

import java.util.Map;

/** Runs in words: {@code adam:rate=2^-6:halve=148} is Adam at 2^-6, halved every 148 updates. */
final class Labels {
  private static final Map<String, String> METHODS =
      Map.ofEntries(
          Map.entry("kfra", "KFRA"),
          Map.entry("kflr", "KFLR"),
          Map.entry("kfac", "KFAC"),
          Map.entry("adam", "Adam"),
          Map.entry("muon", "Muon"),
          Map.entry("sgd", "SGD"),
          Map.entry("torch-adam", "PyTorch's Adam"),
          Map.entry("torch-adamw", "PyTorch's AdamW"),
          Map.entry("torch-muon", "PyTorch's Muon"),
          Map.entry("torch-kfra", "the paper's KFRA in plain PyTorch"),
          Map.entry("torch-kfra-layers", "one step length a layer in plain PyTorch"),
          Map.entry("backpack-kfra", "KFRA with BackPACK"),
          Map.entry("kfac-jax", "kfac_jax"));
  private static final Map<String, String> SETTINGS =
      Map.of(
          "paper",
          "of the paper",
          "no-average",
          "without moving averages",
          "momentum",
          "with momentum");

  private Labels() {}

  /** The words for a run; a part that is not known stays as it is. */
  static String of(String run) {
    String[] parts = run.split(":");
    StringBuilder text = new StringBuilder(METHODS.getOrDefault(parts[0], parts[0]));
    for (int i = 1; i < parts.length; i++) {
      text.append(' ').append(setting(parts[i]));
    }
    if (run.equals("adam")) {
      text.append(" at 1e-3, the default");
    }
    return text.toString();
  }

  private static String setting(String part) {
    String[] sides = part.split("=", 2);
    return switch (sides[0]) {
      case "rate" -> "at " + sides[1];
      case "scale" -> "scaled by " + sides[1];
      case "damping" -> "from damping " + sides[1];
      case "method" -> "with " + METHODS.getOrDefault(sides[1], sides[1]) + "'s factors";
      case "adam-rate" -> "with Adam's rate " + sides[1];
      case "ends" -> "with " + METHODS.getOrDefault(sides[1], sides[1]) + " for the ends";
      case "halve" -> "halved every " + sides[1] + " updates";
      default -> SETTINGS.getOrDefault(part, part);
    };
  }
}
