package dev.krongauss.precondition;

import dev.krongauss.kernel.Control;

/** Says in words why an update was rejected. */
public final class Rejection {
  private Rejection() {}

  /**
   * The reasons, and what to look for; empty if there is none.
   *
   * @param reason sum of the REASON bits of {@link Control}
   * @param factor the one that failed, as in {@link Preconditioner#describeFailure}
   * @param gamma of the last rung
   */
  public static String inWords(
      int reason, double loss, double alpha, int factor, int column, double gamma) {
    StringBuilder text = new StringBuilder();
    if ((reason & Control.REASON_LOSS) != 0) {
      append(
          text,
          "the loss is "
              + loss
              + ": look for non-finite inputs or targets, or weights that have grown");
    }
    if ((reason & Control.REASON_GRADIENT) != 0) {
      append(text, "the gradient is not finite");
    }
    if ((reason & Control.REASON_STEP) != 0) {
      append(
          text,
          "the step is not usable: alpha = "
              + alpha
              + (alpha == 0
                  ? ", the curvature along the directions is not positive or not finite"
                  : ", and the direction is not finite or would not lower the quadratic model"));
    }
    if ((reason & Control.REASON_FACTOR) != 0) {
      append(text, Preconditioner.describeFailure(factor, column, gamma));
    }
    return text.toString();
  }

  private static void append(StringBuilder text, String part) {
    text.append(text.length() == 0 ? "" : "; ").append(part);
  }
}
