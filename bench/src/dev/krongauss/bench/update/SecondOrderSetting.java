package dev.krongauss.bench.update;

import dev.krongauss.optim.GaussNewton;
import java.util.Arrays;
import java.util.List;

/**
 * A second-order method with options, as {@code bench/settings} takes it: {@code
 * kfra,paper,momentum,lambda=1}. A {@link dev.krongauss.bench.problem.Contender} has few of them,
 * since a comparison is about the defaults.
 */
final class SecondOrderSetting {
  private SecondOrderSetting() {}

  /**
   * Reads a setting.
   *
   * @return the method's defaults where nothing else is said
   * @throws IllegalArgumentException with the part, the cause and the way out
   */
  static GaussNewton.Builder parse(String setting) {
    String[] parts = setting.split(",", -1);
    GaussNewton.Builder builder =
        switch (parts[0]) {
          case "kfra" -> GaussNewton.kfra();
          case "kflr" -> GaussNewton.kflr();
          case "kfac" -> GaussNewton.kfac();
          default ->
              throw wrong("'%s' is no method; a setting begins with kfra, kflr or kfac", parts[0]);
        };
    checkPaper(setting, Arrays.asList(parts));
    Arrays.stream(parts).skip(1).forEach(part -> set(builder, part));
    return builder;
  }

  /** Said here, before hours of runs, and not only when the optimiser is built. */
  private static void checkPaper(String setting, List<String> parts) {
    for (String option : List.of("momentum", "adapt-gamma")) {
      if (parts.contains(option) && !parts.contains("paper")) {
        throw wrong(
            "'%s': " + option + " belongs to the paper's algorithm; write paper beside it",
            setting);
      }
    }
  }

  private static void set(GaussNewton.Builder builder, String part) {
    String[] sides = part.split("=", 2);
    String value = sides.length == 2 ? sides[1] : null;
    switch (sides[0]) {
      case "paper" -> {
        flag(part, value);
        builder.scalarStep();
      }
      case "momentum" -> builder.momentum(flag(part, value));
      case "adapt-gamma" -> builder.adaptGamma(flag(part, value));
      case "constant-lambda" -> builder.adaptLambda(!flag(part, value));
      case "average" -> builder.averageIterates(number(part, value));
      case "decay" -> builder.decay(number(part, value));
      case "refresh" -> builder.refreshEvery(count(part, value));
      case "reduction" -> builder.reductionEvery(count(part, value));
      case "lambda" -> builder.lambda(number(part, value));
      case "least" -> builder.leastLambda(number(part, value));
      case "fixed" -> builder.fixedDamping(number(part, value));
      default ->
          throw wrong("'%s' is no option of a setting; bench/settings --help lists them", part);
    }
  }

  /** An option without a value. */
  private static boolean flag(String part, String value) {
    if (value != null) {
      throw wrong("'%s' takes no value; leave out what is behind its name", part);
    }
    return true;
  }

  private static double number(String part, String value) {
    try {
      return Double.parseDouble(value == null ? "" : value);
    } catch (NumberFormatException e) {
      throw wrong("'%s' needs a number behind its =, for example lambda=1", part);
    }
  }

  private static int count(String part, String value) {
    double number = number(part, value);
    if (!(number >= 1 && number <= Integer.MAX_VALUE && number == Math.rint(number))) {
      throw wrong("'%s' needs a whole number of updates, at least 1, for example refresh=5", part);
    }
    return (int) number;
  }

  private static IllegalArgumentException wrong(String problem, String part) {
    return new IllegalArgumentException(problem.formatted(part));
  }
}
