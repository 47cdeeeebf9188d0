package dev.krongauss.bench.doctor;

import dev.krongauss.bench.Commands;
import dev.krongauss.diagnose.Diagnosis;
import dev.krongauss.diagnose.LayerArrays;
import dev.krongauss.diagnose.Rounding;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Says which convention exported arrays break. */
@Command(
    name = "bench/doctor",
    mixinStandardHelpOptions = true,
    usageHelpAutoWidth = true,
    description = {
      "Holds each layer's gradient against 1/N times the sum of pre-activation gradients and activations, which it is"
          + " if all follow the conventions; if it is not, says why, with the number and the line to change.",
      "",
      "PATH is a folder of .npy files or one safetensors file, of one batch. Arrays, L from 0 at the input:"
          + " L.activations [N][T][in] or [N][in], what entered the layer, with a last column of ones;"
          + " L.deltas [N][T][out] or [N][out], of each datapoint's own loss by the pre-activations;"
          + " L.gradient [out][in + 1], bias last, or [out][in] beside L.bias_gradient [out].",
      "",
      "Optional: L.weights and L.bias (to find weight decay), L.previous_gradient and L.previous_bias_gradient"
          + " (momentum, gradients not zeroed), L.previous_activations (stale ones), predictions and targets [N][out]"
          + " (shifted targets; sums told from divided pre-activation gradients).",
      ""
    },
    footer = {
      "",
      "Exit codes: 0 all is right; 1 a file failed, or something was found; 2 wrong options or names."
    })
final class Doctor implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "PATH", description = "The folder or file.")
  private Path path;

  @Option(
      names = {"-n", "--datapoints"},
      paramLabel = "N",
      required = true,
      description = "Datapoints of the batch.")
  private int datapoints;

  @Option(
      names = {"-t", "--positions"},
      paramLabel = "T",
      defaultValue = "1",
      description = "Positions of each that share weights, row n T + t; default ${DEFAULT-VALUE}.")
  private int positions;

  @Option(
      names = "--rounding",
      defaultValue = "FP32",
      description = "The trainer's arithmetic: ${COMPLETION-CANDIDATES}; default ${DEFAULT-VALUE}.")
  private Rounding rounding;

  @Option(
      names = "--without-bias",
      paramLabel = "L",
      split = ",",
      description =
          "Layers without a bias: their arrays have no ones, their gradients no last column.")
  private Set<Integer> withoutBias = Set.of();

  private Doctor() {}

  /** The command; see {@code --help}. */
  public static void main(String[] arguments) {
    System.exit(commandLine().execute(arguments));
  }

  static CommandLine commandLine() {
    CommandLine line = Commands.configure(new CommandLine(new Doctor()));
    line.setCaseInsensitiveEnumValuesAllowed(true);
    return line.setOut(new PrintWriter(System.out, true, StandardCharsets.UTF_8));
  }

  @Override
  public Integer call() throws IOException {
    Commands.require(spec.commandLine(), datapoints >= 1, "-n %d; 1 or more", datapoints);
    Commands.require(spec.commandLine(), positions >= 1, "-t %d; 1 or more", positions);
    Diagnosis diagnosis = diagnosis();
    spec.commandLine().getOut().println(diagnosis);
    return diagnosis.sound() ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
  }

  private Diagnosis diagnosis() throws IOException {
    List<String> unknown = new ArrayList<>();
    try {
      Export export = Export.read(path, unknown);
      for (String name : unknown) {
        spec.commandLine().getErr().println("bench/doctor: " + name + " is not looked at");
      }
      Diagnosis.Builder builder = Diagnosis.of(datapoints).positions(positions).rounding(rounding);
      for (LayerArrays layer : export.layers(withoutBias)) {
        builder.layer(layer);
      }
      if (export.predictions() != null) {
        builder.top(export.predictions(), export.targets());
      }
      return builder.run();
    } catch (ExportException | IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }
}
