package dev.krongauss.bench.report;

import java.util.Map;

/** Runs in words: {@code adam:rate=2^-6:halve=148} is Adam at 2^-6, halved every 148 updates. */
final class Labels {
  private static final Map<String, String> METHODS =
      Map.of(
          "kfra", "KFRA",
          "kflr", "KFLR",
          "kfac", "KFAC",
          "adam", "Adam",
          "sgd", "SGD",
          "torch-adam", "PyTorch's Adam",
          "torch-kfra", "KFRA in plain PyTorch",
          "backpack-kfra", "KFRA with BackPACK");
  private static final Map<String, String> SETTINGS =
      Map.of("no-average", "without moving averages", "momentum", "with momentum");

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
      case "halve" -> "halved every " + sides[1] + " updates";
      default -> SETTINGS.getOrDefault(part, part);
    };
  }
}
