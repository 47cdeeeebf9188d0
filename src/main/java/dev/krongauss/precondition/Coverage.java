package dev.krongauss.precondition;

import java.util.List;
import java.util.Locale;

/** What a preconditioner covers, in words. */
record Coverage(List<LayerSpec> layers, List<Uncovered> uncovered) {
  /** Parameters that the caller updates by a rule of their own. */
  record Uncovered(String name, long parameters) {}

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    long covered = 0;
    for (int l = 0; l < layers.size(); l++) {
      covered += layers.get(l).parameters();
      text.append(String.format(Locale.ROOT, "layer %d: %s%n", l, describe(layers.get(l))));
    }
    long left = uncovered.stream().mapToLong(Uncovered::parameters).sum();
    text.append(
        String.format(
            Locale.ROOT, "%,d of %,d parameters are preconditioned%n", covered, covered + left));
    for (Uncovered each : uncovered) {
      text.append(
          String.format(
              Locale.ROOT,
              "NOT COVERED: %s, %,d parameters: update them by a first-order rule of your own%n",
              each.name(),
              each.parameters()));
    }
    return text.toString();
  }

  private static String describe(LayerSpec layer) {
    String what =
        switch (layer.kind()) {
          case DENSE -> "dense [" + layer.units() + "][" + layer.activations() + "]";
          case EMBEDDING ->
              "embedding ["
                  + layer.units()
                  + "]["
                  + layer.activations()
                  + "], diagonal of its rows";
          default -> layer.kind().words() + " of " + layer.width();
        };
    String sharing =
        layer.kind().elementwise() || layer.positions() == 1 && layer.sharing() == Sharing.EXPAND
            ? ""
            : ", shared by "
                + layer.positions()
                + " positions, "
                + layer.sharing().name().toLowerCase(Locale.ROOT);
    String diagonal =
        layer.diagonal() && layer.kind() != LayerSpec.Kind.EMBEDDING
            ? ", diagonal of its block"
            : "";
    return what + bias(layer) + sharing + diagonal;
  }

  private static String bias(LayerSpec layer) {
    if (layer.kind() != LayerSpec.Kind.DENSE) {
      return "";
    }
    return switch (layer.bias()) {
      case COLUMN -> "";
      case SEPARATE -> ", bias apart";
      case NONE -> ", no bias";
    };
  }
}
