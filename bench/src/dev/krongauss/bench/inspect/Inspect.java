package dev.krongauss.bench.inspect;

import com.fasterxml.jackson.jr.ob.JSON;
import dev.krongauss.bench.Commands;
import dev.krongauss.device.Device;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Reads one case and writes what the library computes for it. */
@Command(
    name = "bench/inspect",
    mixinStandardHelpOptions = true,
    usageHelpAutoWidth = true,
    description = {
      "Reads one network and one batch as JSON, and writes what the library computes for them as JSON to standard"
          + " output, to be compared with another implementation. Log lines go to standard error.",
      "",
      "Fields of the case: sizes [d0 .. dL]; activation of the hidden layers: tanh, logistic, relu, leaky_relu (with"
          + " negative_slope, default 0.1), identity, softplus; output: identity; loss: squared, bernoulli, softmax,"
          + " mixture (with split: outcome, the default, or logit); W and b of each layer, W [out][in]; input"
          + " [N][d0]; targets [N][dL] (softmax: rows or class numbers; mixture: 0 or 1); gamma2; eta, default 0;"
          + " sampled_gradients [S][N][dL], optional; method: exact, for the exact step at any size, optional.",
      "",
      "Written: loss and output; for each layer gradient [out][in + 1] (bias last, without the L2 term), Q, G_kflr,"
          + " G_kfra, G_kfac (with sampled_gradients), ggn_block and hessian_block (of column-stacked W, bias last;"
          + " where out (in + 1) <= 512); direction: for kflr and kfra delta of each layer, refined with a residual in"
          + " double, and alpha (0 where delta is 0); for exact delta with the whole Gauss-Newton matrix, damped by"
          + " gamma2 + eta, and alpha = 1, where the matrix that is solved has at most 1024 rows or the case says method exact;"
          + " else exact_left_out says why not.",
      ""
    },
    footer = {
      "",
      "Exit codes: 0 done; 1 the file, the device or its memory failed; 2 the case is wrong: the message begins with"
          + " the field."
    })
final class Inspect implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "FILE", description = "The case.")
  private Path file;

  private final PrintStream out;

  private Inspect(PrintStream out) {
    this.out = out;
  }

  /** The command; see {@code --help}. */
  public static void main(String[] arguments) {
    PrintStream out =
        new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
    System.setOut(System.err); // whatever else prints does not come between
    System.exit(commandLine(out).execute(arguments));
  }

  static CommandLine commandLine(PrintStream out) {
    return Commands.configure(new CommandLine(new Inspect(out)))
        .setOut(new java.io.PrintWriter(out, true, StandardCharsets.UTF_8));
  }

  @Override
  public Integer call() throws IOException {
    try {
      out.println(JSON.std.asString(inspected()));
    } catch (CaseException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
    return CommandLine.ExitCode.OK;
  }

  private Map<String, Object> inspected() throws IOException, CaseException {
    Fields fields = Fields.read(file);
    Case c = CaseReader.read(fields);
    for (String name : fields.unread()) {
      System.err.println("bench/inspect: field " + name + " is not known and not looked at");
    }
    try (Device device = Device.open();
        Inspection inspection = new Inspection(c, device)) {
      return inspection.run();
    }
  }
}
