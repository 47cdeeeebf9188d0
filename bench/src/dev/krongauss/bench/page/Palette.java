package dev.krongauss.bench.page;

import dev.krongauss.bench.peers.PeerKind;
import dev.krongauss.bench.problem.OptimizerKind;
import java.awt.Color;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Colours of the curves: an optimiser's own, lighter for each further setting of it, and the same
 * with and without averages, which dots tell apart.
 */
final class Palette {
  private static final double LIGHTER = 0.3;

  /** As text: this class is loaded where Java has no graphics, too. */
  private static final String OTHER = "#444444";

  private final Map<String, Color> colors = new LinkedHashMap<>();

  private Palette() {}

  /**
   * Colours for a picture's curves.
   *
   * @param labels in the order of the runs
   */
  static Palette of(List<String> labels) {
    Palette palette = new Palette();
    Map<String, Integer> seen = new HashMap<>();
    for (String label : labels) {
      String kind = label.split(":", 2)[0];
      int before = dotted(label) ? 0 : seen.merge(kind, 1, Integer::sum) - 1;
      palette.colors.put(label, lighter(base(kind), before));
    }
    return palette;
  }

  Color color(String label) {
    return colors.get(label);
  }

  static boolean dotted(String label) {
    return label.contains(":no-average");
  }

  private static Color base(String kind) {
    for (OptimizerKind each : OptimizerKind.values()) {
      if (each.toString().equals(kind)) {
        return Color.decode(each.color());
      }
    }
    for (PeerKind each : PeerKind.values()) {
      if (each.toString().equals(kind)) {
        return Color.decode(each.color());
      }
    }
    return Color.decode(OTHER);
  }

  private static Color lighter(Color color, int times) {
    double keep = Math.pow(1 - LIGHTER, times);
    return new Color(
        (int) (255 - keep * (255 - color.getRed())),
        (int) (255 - keep * (255 - color.getGreen())),
        (int) (255 - keep * (255 - color.getBlue())));
  }
}
