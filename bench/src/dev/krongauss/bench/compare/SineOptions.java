package dev.krongauss.bench.compare;

import dev.krongauss.bench.Commands;
import dev.krongauss.bench.problem.Problem;
import dev.krongauss.bench.problem.SineProblem;
import dev.krongauss.data.Sine;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** How much of {@code --data sine} is generated. */
final class SineOptions {
  private static final String INPUTS = "--sine-inputs";
  private static final String ROWS = "--sine-rows";

  /** A hundred million floats of inputs at most, and as many held out. */
  private static final int MOST_ROWS = 5_000_000;

  @Option(
      names = INPUTS,
      paramLabel = "D",
      order = 2,
      description =
          "Inputs of the function of --data sine, 1 to 16. Default: " + SineProblem.INPUTS + ".")
  Integer inputs;

  @Option(
      names = ROWS,
      paramLabel = "N",
      order = 2,
      description =
          "Rows of --data sine to train on; as many others are held out. Default: "
              + SineProblem.ROWS
              + ".")
  Integer rows;

  /**
   * The problem in the size that these options give it; any other as it is.
   *
   * @param command to complain by
   * @throws CommandLine.ParameterException with the value, the cause and the way out
   */
  Problem sized(CommandLine command, Problem problem) {
    if (!(problem instanceof SineProblem sine)) {
      for (String option : List.of(INPUTS, ROWS)) {
        Commands.require(
            command,
            !command.getParseResult().hasMatchedOption(option),
            "%s is for the generated function, not for %s; leave it out, or give --data sine",
            option,
            problem);
      }
      return problem;
    }
    inputs = inputs == null ? Integer.valueOf(sine.inputs()) : inputs;
    rows = rows == null ? Integer.valueOf(sine.rows()) : rows;
    Commands.require(
        command,
        inputs >= 1 && inputs <= Sine.MOST_INPUTS,
        "%s %s: the function has 1 to %d inputs; give one of them",
        INPUTS,
        inputs,
        Sine.MOST_INPUTS);
    Commands.require(
        command,
        rows >= 1 && rows <= MOST_ROWS,
        "%s %s: no such number of rows can be trained on; give 1 to %,d",
        ROWS,
        rows,
        MOST_ROWS);
    return sine.sized(inputs, rows);
  }

  /** Every option with the value that is in force; null where the data are others. */
  Map<String, Object> asMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("sine-inputs", inputs);
    map.put("sine-rows", rows);
    return map;
  }
}
