package dev.krongauss.bench.update;

import dev.krongauss.bench.Commands;
import dev.krongauss.bench.problem.Contender;
import dev.krongauss.bench.problem.DataOptions;
import dev.krongauss.bench.problem.NetworkShape;
import dev.krongauss.data.Batches;
import dev.krongauss.data.Dataset;
import dev.krongauss.device.Device;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What an update costs, phase by phase, as a table that can be pasted into a page. */
@Command(
    name = "bench/phases",
    mixinStandardHelpOptions = true,
    description =
        "Measures an update of each optimiser on the paper's autoencoder: time and busy cores a"
            + " phase, launches, bytes and memory. Phases are measured one at a time; the whole"
            + " update is replayed from a graph.")
public final class Phases implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private DataOptions data;

  @Option(
      names = "--scale",
      paramLabel = "F",
      defaultValue = "1",
      description = "Hidden widths as a share of the paper's. Default: ${DEFAULT-VALUE}.")
  private double scale;

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "1000",
      description = "Datapoints of a batch. Default: ${DEFAULT-VALUE}.")
  private int batch;

  @Option(
      names = "--optimizers",
      paramLabel = "NAME",
      split = ",",
      defaultValue = "kfra,kfac,adam",
      description = "Columns of the table, named as for bench/compare. Default: ${DEFAULT-VALUE}.")
  private List<String> optimizers;

  @Option(
      names = "--cycles",
      paramLabel = "N",
      defaultValue = "2",
      description =
          "Measured cycles of ten updates as in training, and as many phase by phase. Default:"
              + " ${DEFAULT-VALUE}.")
  private int cycles;

  private Phases() {}

  /**
   * The command.
   *
   * @param arguments see {@code --help}
   */
  public static void main(String[] arguments) {
    System.exit(commandLine().execute(arguments));
  }

  static CommandLine commandLine() {
    return Commands.configure(new CommandLine(new Phases()));
  }

  @Override
  public Integer call() throws IOException {
    List<Contender> contenders =
        optimizers.stream().map(text -> Contender.parse(spec.commandLine(), text)).toList();
    Commands.require(
        spec.commandLine(),
        cycles >= 1,
        "--cycles %s: at least one is needed; give a number from 1 on",
        cycles);
    Dataset rows = data.load(spec.commandLine());
    DataOptions.check(spec.commandLine(), rows, scale, batch);
    NetworkShape shape = data.problem().network(rows, scale);
    try (Device device = Device.open();
        Batches batches = Batches.of(device, rows, batch, 1);
        UpdateMeter meter = new UpdateMeter(device, batches::next)) {
      for (Contender each : contenders) {
        meter.add(
            each.label(), () -> shape.build(device, 1), n -> each.build(n, data.problem().loss()));
      }
      System.out.printf(
          "%s, %s, batch %d, %d updates of each sort, %s%n%n%s",
          data.problem(),
          shape,
          batch,
          cycles * UpdateMeter.CYCLE,
          device,
          UpdateCost.table(meter.measure(cycles)));
    }
    return CommandLine.ExitCode.OK;
  }
}
