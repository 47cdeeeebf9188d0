package dev.krongauss.net;

import dev.krongauss.device.Check;
import dev.krongauss.kernel.argument.Transfer;

/** A transfer function f of a layer, applied to each pre-activation. */
public final class Activation {
  /** f(h) = h. */
  public static final Activation IDENTITY = new Activation(Transfer.IDENTITY, 0);

  /** f(h) = tanh h. */
  public static final Activation TANH = new Activation(Transfer.TANH, 0);

  /** f(h) = 1/(1 + e^−h). */
  public static final Activation LOGISTIC = new Activation(Transfer.LOGISTIC, 0);

  /** f(h) = max(h, 0), with f'(0) = 0. */
  public static final Activation RELU = new Activation(Transfer.RELU, 0);

  /** f(h) = log(1 + e^h). */
  public static final Activation SOFTPLUS = new Activation(Transfer.SOFTPLUS, 0);

  private final Transfer transfer;
  private final float slope;

  private Activation(Transfer transfer, float slope) {
    this.transfer = transfer;
    this.slope = slope;
  }

  /**
   * f(h) = h for h > 0, {@code slope}·h otherwise.
   *
   * @throws IllegalArgumentException if the slope is not finite
   */
  public static Activation leakyRelu(float slope) {
    Check.that(
        Float.isFinite(slope),
        "slope %s of a leaky ReLU must be a finite number, for example 0.1",
        slope);
    return new Activation(Transfer.LEAKY_RELU, slope);
  }

  Transfer transfer() {
    return transfer;
  }

  float slope() {
    return slope;
  }

  @Override
  public String toString() {
    String name = transfer.name().toLowerCase(java.util.Locale.ROOT);
    return transfer == Transfer.LEAKY_RELU ? name + "(" + slope + ")" : name;
  }
}
