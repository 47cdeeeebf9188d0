package dev.krongauss.bench.problem;

import dev.krongauss.model.LossFunction;
import dev.krongauss.net.Network;
import dev.krongauss.optim.GaussNewton;
import dev.krongauss.optim.Muon;
import dev.krongauss.optim.Optimizer;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/**
 * One optimiser with its settings, as {@code --optimizers} names it: {@code kfra}, {@code
 * kfra:paper:no-average}, {@code adam:rate=2^-9:halve=200}, {@code muon:scale=rms}.
 *
 * @param rate learning rate; NaN for a second-order method, which has none
 * @param halveEvery updates between halvings of the learning rate; 0 for never
 * @param average whether the factors are moving averages
 * @param paper whether a second-order method is the paper's: one step length for all layers
 * @param momentum whether updates have momentum, of the paper's algorithm
 * @param scale of Muon's steps; spectral for all others
 */
public record Contender(
    OptimizerKind kind,
    double rate,
    int halveEvery,
    boolean average,
    boolean paper,
    boolean momentum,
    Muon.Scale scale) {
  /** η of the exact step: what the other second-order methods have by default. */
  static final double L2 = 1e-5;

  /** Device memory that an exact update may take. */
  static final long EXACT_BYTES = 1L << 30;

  /** An optimiser at its defaults. */
  public static Contender of(OptimizerKind kind) {
    return new Contender(kind, kind.defaultRate(), 0, true, false, false, Muon.Scale.SPECTRAL);
  }

  /**
   * Reads what {@link #label} writes; options in any order.
   *
   * @throws IllegalArgumentException with the option, the cause and the way out
   */
  public static Contender parse(String text) {
    String[] parts = text.trim().split(":", -1);
    Contender contender = of(OptimizerKind.of(parts[0]));
    for (int i = 1; i < parts.length; i++) {
      contender = contender.with(text, parts[i]);
    }
    if (contender.momentum && !contender.paper) {
      throw new IllegalArgumentException(
          "'%s': momentum belongs to the paper's algorithm; write %s:paper:momentum"
              .formatted(text, contender.kind));
    }
    return contender;
  }

  /**
   * The contender that one word of {@code --optimizers} names.
   *
   * @param command to complain by
   * @throws ParameterException if it names none
   */
  public static Contender parse(CommandLine command, String text) {
    try {
      return parse(text);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(command, "--optimizers: " + e.getMessage(), e);
    }
  }

  /**
   * The same with another learning rate.
   *
   * @param newRate positive
   * @param newHalveEvery updates between its halvings; 0 for never
   */
  public Contender withRate(double newRate, int newHalveEvery) {
    return new Contender(kind, newRate, newHalveEvery, average, paper, momentum, scale);
  }

  /** The same with factors that are moving averages, or those of the last refresh alone. */
  public Contender withAverage(boolean on) {
    return new Contender(kind, rate, halveEvery, on, paper, momentum, scale);
  }

  /** Whether it follows the gradient with a learning rate, without curvature. */
  public boolean firstOrder() {
    return kind.firstOrder();
  }

  /** Whether every setting is the default. */
  public boolean isDefault() {
    return equals(of(kind));
  }

  /** The shortest text that {@link #parse} reads as this; unique in a run. */
  public String label() {
    StringBuilder text = new StringBuilder(kind.toString());
    if (firstOrder() && rate != kind.defaultRate()) {
      text.append(":rate=").append(number(rate));
    }
    if (scale != Muon.Scale.SPECTRAL) {
      text.append(":scale=").append(scale.name().toLowerCase(Locale.ROOT));
    }
    if (halveEvery > 0) {
      text.append(":halve=").append(halveEvery);
    }
    if (paper) {
      text.append(":paper");
    }
    if (!average) {
      text.append(":no-average");
    }
    if (momentum) {
      text.append(":momentum");
    }
    return text.toString();
  }

  /** The optimiser, which the caller closes, of a network that it does not own. */
  public Optimizer build(Network network, LossFunction loss) {
    return build(network, loss, Split.none());
  }

  /** The same with batches cut into chunks, and other ranks. */
  public Optimizer build(Network network, LossFunction loss, Split split) {
    return new ContenderBuilder(this, split).build(network, loss);
  }

  /**
   * Why it cannot train a network on such batches, known before anything is built; empty if it can.
   *
   * @param batch rows of one
   */
  public String obstacle(NetworkShape shape, int batch, LossFunction loss) {
    if (kind != OptimizerKind.EXACT) {
      return "";
    }
    long bytes = GaussNewton.exact().l2(L2).memory(shape.sizes(), batch, loss).optimizer();
    return bytes <= EXACT_BYTES
        ? ""
        : String.format(
            Locale.ROOT,
            "exact needs %,d MiB for %s and batches of %,d, and %,d are the most; give a smaller"
                + " --batch, fewer units by --hidden, or take kflr or kfra",
            bytes >> 20,
            shape,
            batch,
            EXACT_BYTES >> 20);
  }

  /** A power of two as {@code 2^-9}, anything else as it is. */
  public static String number(double value) {
    int exponent = Math.getExponent(value);
    return value == Math.scalb(1.0, exponent)
        ? "2^" + exponent
        : Double.toString(value).toLowerCase(Locale.ROOT);
  }

  /** The {@link #label}. */
  @Override
  public String toString() {
    return label();
  }

  private Contender with(String text, String option) {
    String[] sides = option.split("=", 2);
    boolean value = sides.length == 2;
    return switch (sides[0]) {
      case "rate" -> withRate(rate(text, value ? sides[1] : ""), halveEvery);
      case "halve" -> withRate(firstOrderRate(text), count(text, value ? sides[1] : ""));
      case "no-average" -> secondOrder(text, option, value).withAverage(false);
      case "paper" -> {
        secondOrder(text, option, value);
        yield new Contender(kind, rate, halveEvery, average, true, momentum, scale);
      }
      case "momentum" -> {
        secondOrder(text, option, value);
        yield new Contender(kind, rate, halveEvery, average, paper, true, scale);
      }
      case "scale" -> withScale(text, value ? sides[1] : "");
      default ->
          throw new IllegalArgumentException(
              ("'%s' in '%s' is no option; first-order methods take rate=X and halve=UPDATES,"
                      + " muon also scale=rms, second-order ones paper, no-average and, with paper,"
                      + " momentum")
                  .formatted(option, text));
    };
  }

  private Contender withScale(String text, String value) {
    if (kind != OptimizerKind.MUON) {
      throw new IllegalArgumentException("'%s': scale is an option of muon only".formatted(text));
    }
    for (Muon.Scale each : Muon.Scale.values()) {
      if (each.name().equalsIgnoreCase(value)) {
        return new Contender(kind, rate, halveEvery, average, paper, momentum, each);
      }
    }
    throw new IllegalArgumentException(
        "'%s': scale must be spectral or rms, for example scale=rms".formatted(text));
  }

  private double rate(String text, String value) {
    firstOrderRate(text);
    double number;
    try {
      number =
          value.startsWith("2^")
              ? Math.scalb(1.0, Integer.parseInt(value.substring(2)))
              : Double.parseDouble(value);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "'%s': rate needs a number behind its =, for example rate=1e-3 or rate=2^-9"
              .formatted(text),
          e);
    }
    if (!((float) number > 0 && (float) number < Float.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "'%s': a learning rate must be positive and finite, for example rate=1e-3"
              .formatted(text));
    }
    return number;
  }

  private double firstOrderRate(String text) {
    if (!firstOrder()) {
      throw new IllegalArgumentException(
          "'%s': %s has no learning rate; it finds its step size itself".formatted(text, kind));
    }
    return rate;
  }

  private static int count(String text, String value) {
    try {
      int number = Integer.parseInt(value);
      if (number >= 1) {
        return number;
      }
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "'%s': halve needs a number of updates behind its =, for example halve=200"
              .formatted(text),
          e);
    }
    throw new IllegalArgumentException(
        "'%s': halve must be at least 1; leave it out for a constant rate".formatted(text));
  }

  private Contender secondOrder(String text, String option, boolean value) {
    if (value) {
      throw new IllegalArgumentException("'%s': %s takes no value".formatted(text, option));
    }
    if (firstOrder() || kind == OptimizerKind.EXACT) {
      throw new IllegalArgumentException(
          "'%s': %s is an option of kfra, kflr, kfac and auto only".formatted(text, option));
    }
    return this;
  }
}
