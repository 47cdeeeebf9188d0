package dev.krongauss.bench.compare;

import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Option;

/** How first-order methods are tuned before they are compared. */
final class GridOptions {
  @Option(
      names = "--grid",
      order = 14,
      description =
          "Tune every first-order method first, by the paper's grid: learning rates 2^-6 to 2^-13,"
              + " for Muon 1 to 2^-7, halved every 100, 50, 25, 12.5 or 6.25 %% of the updates. The"
              + " best setting then runs beside the default.")
  boolean on;

  @Option(
      names = "--grid-updates",
      paramLabel = "N",
      order = 15,
      description = "Updates of each setting of the grid. Default: 200, or --updates if fewer.")
  Long updates;

  @Option(
      names = "--grid-scale",
      paramLabel = "F",
      order = 16,
      description =
          "--scale of the grid's networks; smaller than --scale saves time and is said in the"
              + " results. Default: --scale.")
  Double scale;

  @Option(
      names = "--grid-best",
      paramLabel = "N",
      defaultValue = "1",
      order = 17,
      description =
          "How many of the grid's best settings run in the comparison. Default: ${DEFAULT-VALUE}.")
  int best = 1;

  Map<String, Object> asMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("grid", on);
    map.put("grid-updates", updates);
    map.put("grid-scale", scale);
    map.put("grid-best", best);
    return map;
  }
}
