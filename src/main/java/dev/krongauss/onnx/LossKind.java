package dev.krongauss.onnx;

import dev.krongauss.net.Response;
import dev.krongauss.table.Task;

/** What a model makes of the network's outputs. */
enum LossKind {
  SQUARED,
  BERNOULLI,
  SOFTMAX,
  MIXTURE,
  /** A loss of the user's own: the outputs as they are. */
  OWN;

  private static final String WEIGHTED = "weighted ";

  /**
   * Weights of datapoints change nothing.
   *
   * @param response of that loss; a user's own may have the name of a built-in one, but not its
   *     response
   */
  static LossKind of(String lossName, Response response) {
    String name = lossName.startsWith(WEIGHTED) ? lossName.substring(WEIGHTED.length()) : lossName;
    if (response.isIdentity()) {
      return name.equals("squared") ? SQUARED : OWN;
    }
    return switch (name) {
      case "bernoulli" -> BERNOULLI;
      case "softmax" -> SOFTMAX;
      case "mixture (outcome)", "mixture (logit)" -> MIXTURE;
      default ->
          throw new IllegalArgumentException(
              "loss '%s' is not known here; write the model with the version that made it"
                  .formatted(lossName));
    };
  }

  /** Whether a network with this loss does that task. */
  boolean fits(Task task) {
    return switch (task) {
      case REGRESSION -> this == SQUARED;
      case BINARY -> this == BERNOULLI || this == MIXTURE;
      case CLASSES -> this == SOFTMAX;
    };
  }
}
