package dev.krongauss.diagnose;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Looks for values that are no numbers. */
final class Finite {
  private Finite() {}

  /** Whether all of a layer's values are finite; a finding names the first that is not. */
  static boolean check(int layer, LayerArrays arrays, List<Finding> findings) {
    Map<String, Values> all = new LinkedHashMap<>();
    all.put("activations", arrays.activations());
    all.put("pre-activation gradients", arrays.deltas());
    all.put("the gradient", arrays.gradient());
    all.put("weights", arrays.weights());
    all.put("the gradient before", arrays.previousGradient());
    all.put("activations of the batch before", arrays.previousActivations());
    return check(layer, all, findings);
  }

  /** The same of predictions and targets, beside the last layer. */
  static boolean top(int layer, Values predictions, Values targets, List<Finding> findings) {
    Map<String, Values> all = new LinkedHashMap<>();
    all.put("predictions", predictions);
    all.put("targets", targets);
    return check(layer, all, findings);
  }

  private static boolean check(int layer, Map<String, Values> all, List<Finding> findings) {
    for (Map.Entry<String, Values> each : all.entrySet()) {
      int at = each.getValue() == null ? -1 : each.getValue().notFinite();
      if (at >= 0) {
        Values values = each.getValue();
        findings.add(
            new Finding(
                Fault.NOT_FINITE,
                layer,
                at,
                "%s: row %d, column %d is %s"
                    .formatted(
                        each.getKey(),
                        at / values.columns(),
                        at % values.columns(),
                        values.values()[at])));
        return false;
      }
    }
    return true;
  }
}
