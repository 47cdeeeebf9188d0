package dev.krongauss.bench.train;

import dev.krongauss.bench.Commands;
import dev.krongauss.bench.problem.Contender;
import dev.krongauss.bench.problem.Problem;
import dev.krongauss.bench.problem.ProblemData;
import dev.krongauss.device.Device;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Trains a network on a table of one's own and writes a model file. */
@Command(
    name = "bench/train",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    usageHelpAutoWidth = true,
    description = {
      "Trains a network on a table of your own, keeps the weights that were best on rows held out,"
          + " and writes a model file, which bench/predict and Network.load read.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  bench/train --data houses.csv --target price --out houses.safetensors",
      "  bench/train --data digits.csv --target digit --hidden 200,100 --optimizer kflr"
          + " --seconds 120 --out digits.safetensors --onnx digits.onnx",
      "",
      "Exit codes: 0 done, 1 data, device or disk failed, 2 wrong options."
    })
public final class Train implements Callable<Integer> {
  /** Options that say where to, not what. */
  private static final List<String> OF_THIS_CALL = List.of("--resume", "--force");

  @Spec private CommandSpec spec;
  @Mixin private TrainOptions options;

  private final List<String> arguments;
  private final PrintStream out;

  private Train(List<String> arguments, PrintStream out) {
    this.arguments = arguments;
    this.out = out;
  }

  /**
   * The command.
   *
   * @param arguments see {@code --help}
   */
  public static void main(String[] arguments) {
    System.exit(commandLine(System.out, arguments).execute(arguments));
  }

  /** The command, with a stream of the caller's. */
  public static CommandLine commandLine(PrintStream out, String... arguments) {
    return Commands.configure(new CommandLine(new Train(List.of(arguments), out)));
  }

  @Override
  public Integer call() throws IOException {
    Problem problem = new TrainChecks(spec.commandLine(), options).problem();
    OutLock lock = OutLock.of(options.out);
    try {
      train(problem);
    } finally {
      lock.close();
    }
    return CommandLine.ExitCode.OK;
  }

  private void train(Problem problem) throws IOException {
    ProblemData rows = problem.load(null, options.seed);
    int batch = batch(rows);
    out.print(rows.tableSummary().orElseThrow());
    out.println("network " + rows.network(1) + ", loss: " + rows.lossName());
    out.println("to repeat this: " + repeat(rows, batch));
    try (Device device = Device.open();
        TrainRun run = new TrainRun(spec.commandLine(), options, device, rows, batch, out)) {
      if (options.resume) {
        run.goOn();
      }
      if (options.saveHoldout != null) {
        HeldOutFile.write(spec.commandLine(), options, rows.table().orElseThrow(), out);
      }
      run.train();
    }
  }

  private int batch(ProblemData rows) {
    int most = rows.training().size();
    int batch = options.batch == null ? rows.defaultBatch() : options.batch;
    Commands.require(
        spec.commandLine(),
        batch <= most,
        "--batch %s: it does not fit %,d rows; give 1 to %,d",
        batch,
        most,
        most);
    Contender contender = new TrainChecks(spec.commandLine(), options).contender();
    String obstacle = contender.obstacle(rows.network(1), batch, rows.loss());
    Commands.require(spec.commandLine(), obstacle.isEmpty(), "--optimizer: %s", obstacle);
    return batch;
  }

  /** The arguments as they were given, and what defaults and the table have made of the others. */
  private String repeat(ProblemData rows, int batch) {
    List<String> words = new ArrayList<>(arguments);
    words.removeAll(OF_THIS_CALL);
    Map<String, String> inForce = new LinkedHashMap<>(options.table.inForce(rows));
    inForce.put("--optimizer", options.optimizer);
    inForce.put("--batch", Integer.toString(batch));
    inForce.put("--patience", Integer.toString(options.patience));
    inForce.put("--seed", Long.toString(options.seed));
    options.secondsInForce().ifPresent(time -> inForce.put("--seconds", time.toString()));
    inForce.forEach(
        (name, value) -> {
          if (!spec.commandLine().getParseResult().hasMatchedOption(name)) {
            words.add(name);
            words.add(value);
          }
        });
    return Commands.line("bench/train", words);
  }
}
