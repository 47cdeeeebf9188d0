package dev.krongauss.optim;

import dev.krongauss.kernel.Control;
import dev.krongauss.kernel.ControlExact;
import java.util.Locale;

/** Says in words how an exact update ended. */
final class ExactReport {
  private ExactReport() {}

  /** Why it was rejected, where no other optimiser has that reason; empty otherwise. */
  static String problem(int reason, int column) {
    if ((reason & (Control.REASON_LOSS | Control.REASON_GRADIENT)) != 0) {
      return ""; // from which the others follow
    }
    if ((reason & ControlExact.REASON_MATRIX) != 0) {
      return String.format(
          Locale.ROOT,
          "the Gauss-Newton matrix is not positive definite at column %d with 100 times the damping:"
              + " that is lost in the rounding to single precision, and lambda grows; where this goes on,"
              + " look for inputs or activations that are not finite, or of very different sizes",
          column);
    }
    if ((reason & ControlExact.REASON_ROSE) != 0) {
      return "the objective did not fall; the step was taken back, and lambda grows";
    }
    return "";
  }

  /**
   * What it converged by.
   *
   * @param test of {@link ControlExact#CONVERGED}
   */
  static String convergence(int test, double gradient2, double direction2, double predicted) {
    return switch (test) {
      case 0 -> "";
      case ControlExact.BY_GRADIENT -> words("the gradient's norm is %.3g", Math.sqrt(gradient2));
      case ControlExact.BY_STEP -> words("the step's norm is %.3g", Math.sqrt(direction2));
      default -> words("the predicted change is %.3g", predicted);
    };
  }

  private static String words(String format, double value) {
    return String.format(Locale.ROOT, format, value);
  }
}
