package dev.krongauss.kernel.tuning;

import dev.krongauss.device.Check;
import java.util.List;

/**
 * Which products may have the accuracy of TF32, 11 bits of each factor, by what they are for. All
 * others have that of FP32: forward, backward, gradients and factorisations always.
 *
 * <p>{@code -Dkrongauss.direction=fp32|tangents|tf32} is about what only chooses a direction or
 * scales it: with {@code tangents} those of all layers' directions, which step lengths come from,
 * with {@code tf32} the two-sided solve as well. Only on tensor cores: the plain units have no
 * second accuracy. {@code -Dkrongauss.curvature=fp32|recursion|tf32} is about statistics, wherever
 * they are computed: with {@code recursion} KFRA's recursion, with {@code tf32} Gram matrices as
 * well. {@code bench/results/precision.md} has what each does to training, and why the defaults are
 * what they are.
 *
 * <p>Public for the launchers; no part of the API.
 *
 * @param grams whether Gram matrices are in TF32
 * @param recursion whether KFRA's recursion is
 * @param tangents whether the tangents of all layers' directions are, on tensor cores
 * @param solves whether two-sided solves are, on tensor cores
 */
public record Accuracy(boolean grams, boolean recursion, boolean tangents, boolean solves) {
  /** Nothing in TF32. */
  public static final Accuracy FP32 = new Accuracy(false, false, false, false);

  /** All in TF32 that can be. */
  static final Accuracy TF32 = new Accuracy(true, true, true, true);

  private static final String DIRECTION = "fp32";
  private static final String CURVATURE = "fp32";

  /**
   * What the system properties ask for.
   *
   * @throws IllegalArgumentException if one has an unknown value
   */
  static Accuracy asked() {
    int direction = place("krongauss.direction", DIRECTION, List.of("fp32", "tangents", "tf32"));
    int curvature = place("krongauss.curvature", CURVATURE, List.of("fp32", "recursion", "tf32"));
    return new Accuracy(curvature > 1, curvature > 0, direction > 0, direction > 1);
  }

  private static int place(String property, String otherwise, List<String> allowed) {
    String value = System.getProperty(property, otherwise);
    int place = allowed.indexOf(value);
    Check.that(
        place >= 0,
        "%s is '%s'; it must be one of %s",
        property,
        value,
        String.join(", ", allowed));
    return place;
  }
}
