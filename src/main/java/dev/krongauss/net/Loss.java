package dev.krongauss.net;

import dev.krongauss.model.LossFunction;

/** The built-in losses, each of one datapoint and summed over its outputs. */
public final class Loss {
  private Loss() {}

  /** ½‖h − t‖². */
  public static LossFunction squared() {
    return new BuiltInLoss(dev.krongauss.kernel.Loss.Kind.SQUARED);
  }

  /**
   * Binary cross-entropy on logits, Σ softplus(h) − t h, with targets in [0, 1], grey ones
   * included.
   */
  public static LossFunction bernoulli() {
    return new BuiltInLoss(dev.krongauss.kernel.Loss.Kind.BERNOULLI);
  }

  /** Cross-entropy on logits, logsumexp(h) − t·h, with one-hot or probability rows as targets. */
  public static LossFunction softmax() {
    return new BuiltInLoss(dev.krongauss.kernel.Loss.Kind.SOFTMAX);
  }
}
