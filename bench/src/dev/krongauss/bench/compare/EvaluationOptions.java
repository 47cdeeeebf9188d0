package dev.krongauss.bench.compare;

import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Option;

/** When held-out rows are looked at, and what follows from it. */
final class EvaluationOptions {
  @Option(
      names = "--evaluate-every",
      paramLabel = "N",
      order = 18,
      description =
          "Evaluate the held-out rows every N updates, off the clock. Default: with --patience every"
              + " pass over the training rows; else whenever training has taken twenty times as"
              + " long as an evaluation, at most 200 times a run.")
  Long every;

  @Option(
      names = "--patience",
      paramLabel = "N",
      order = 19,
      description =
          "Stop an optimiser after N evaluations in a row without a lower held-out objective."
              + " Default: it runs to its limit.")
  Integer patience;

  Map<String, Object> asMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("evaluate-every", every);
    map.put("patience", patience);
    return map;
  }
}
