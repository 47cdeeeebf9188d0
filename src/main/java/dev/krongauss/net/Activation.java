package dev.krongauss.net;

import dev.krongauss.device.Check;
import dev.krongauss.kernel.argument.Transfer;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

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

  private static final String LEAKY = "leaky_relu";

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

  /**
   * The activation that {@link #text()} writes: {@code tanh}, {@code leaky_relu:0.01}.
   *
   * @throws IllegalArgumentException for another text, with those that are known
   */
  public static Activation named(String text) {
    String[] parts = text.trim().split(":", 2);
    if (parts[0].equals(LEAKY) && parts.length == 2) {
      return leakyRelu(slope(text, parts[1]));
    }
    return List.of(IDENTITY, TANH, LOGISTIC, RELU, SOFTPLUS).stream()
        .filter(each -> each.text().equals(text.trim()))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    ("activation '%s' is not known; choose from identity, tanh, logistic, relu,"
                            + " softplus and, with its slope, leaky_relu:0.01")
                        .formatted(text)));
  }

  /** The function without its slope: {@code tanh}, {@code leaky_relu}. */
  public String name() {
    return transfer.name().toLowerCase(Locale.ROOT);
  }

  /** The first layer whose second derivatives do not exist everywhere, in words; empty if none. */
  static String kinks(List<Activation> layers) {
    for (int l = 0; l < layers.size(); l++) {
      Transfer f = layers.get(l).transfer;
      if (f == Transfer.RELU || f == Transfer.LEAKY_RELU) {
        return "layer " + (l + 1) + " is " + layers.get(l).name();
      }
    }
    return "";
  }

  /** The slope of the leaky ReLU where h is not positive; 0 for all others. */
  public float slope() {
    return slope;
  }

  /**
   * What {@link #named} reads as this activation, bit for bit: {@code tanh}, {@code
   * leaky_relu:0.01}.
   */
  public String text() {
    return transfer == Transfer.LEAKY_RELU ? LEAKY + ":" + slope : name();
  }

  Transfer transfer() {
    return transfer;
  }

  private static float slope(String text, String number) {
    try {
      return Float.parseFloat(number);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "activation '%s': its slope is no number; write leaky_relu:0.01".formatted(text), e);
    }
  }

  /** Whether both are the same function: slopes bit for bit. */
  @Override
  public boolean equals(Object other) {
    return other instanceof Activation that
        && transfer == that.transfer
        && Float.floatToIntBits(slope) == Float.floatToIntBits(that.slope);
  }

  @Override
  public int hashCode() {
    return Objects.hash(transfer, slope);
  }

  @Override
  public String toString() {
    return transfer == Transfer.LEAKY_RELU ? name() + "(" + slope + ")" : name();
  }
}
