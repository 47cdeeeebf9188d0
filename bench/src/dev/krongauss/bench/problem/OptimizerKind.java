package dev.krongauss.bench.problem;

import dev.krongauss.bench.LowerCaseEnum;
import java.util.Locale;

/** The optimisers that can be compared; {@link Contender} gives them settings. */
public enum OptimizerKind {
  KFRA("#0b6e99"),
  KFLR("#5b4fb3"),
  KFAC("#2a9d5c"),
  AUTO("#7a5195"),
  EXACT("#3d405b"),
  ADAM("#d1495b", 1e-3),
  // Of 2^-2 to 2^-6 the best in 150 updates on curves at a quarter of the width.
  MUON("#b8336a", 0.0625, 0),
  // Thrice as much gains nothing in 150 updates on curves and mnist at a quarter of the width.
  SGD("#8a8a8a", 1e-2),
  MOMENTUM("#e08e1b", 3e-3),
  NESTEROV("#9c6b30", 3e-3);

  private static final int PAPERS_GREATEST_EXPONENT = -6;

  private final String color;
  private final double defaultRate;
  private final int greatestExponent;

  OptimizerKind(String color) {
    this(color, Double.NaN);
  }

  OptimizerKind(String color, double defaultRate) {
    this(color, defaultRate, PAPERS_GREATEST_EXPONENT);
  }

  OptimizerKind(String color, double defaultRate, int greatestExponent) {
    this.color = color;
    this.defaultRate = defaultRate;
    this.greatestExponent = greatestExponent;
  }

  /**
   * The kind that prints like this.
   *
   * @throws IllegalArgumentException with the known names
   */
  public static OptimizerKind of(String name) {
    return LowerCaseEnum.named(values(), name);
  }

  /** Whether it follows the gradient with a learning rate, without curvature. */
  public boolean firstOrder() {
    return !Double.isNaN(defaultRate);
  }

  /** Learning rate; NaN for an optimiser that has none. */
  public double defaultRate() {
    return defaultRate;
  }

  /** Exponent of the greatest learning rate, a power of two, that a grid tries. */
  public int greatestExponent() {
    return greatestExponent;
  }

  /** The same in every picture, as {@code #rrggbb}. */
  public String color() {
    return color;
  }

  /** As {@code --optimizers} names it. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
