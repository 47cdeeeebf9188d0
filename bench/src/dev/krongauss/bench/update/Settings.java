package dev.krongauss.bench.update;

import dev.krongauss.bench.Commands;
import dev.krongauss.bench.problem.DataOptions;
import dev.krongauss.bench.problem.NetworkShape;
import dev.krongauss.data.Batches;
import dev.krongauss.data.Dataset;
import dev.krongauss.device.Device;
import dev.krongauss.net.Network;
import dev.krongauss.optim.DivergenceException;
import dev.krongauss.optim.GaussNewton;
import dev.krongauss.optim.Sgd;
import dev.krongauss.optim.StepReport;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.ToDoubleFunction;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * Compares settings of the second-order methods by updates: a row each, of a table that can be
 * pasted into a page. Defaults are chosen with it; nobody has to run it to train.
 */
@Command(
    name = "bench/settings",
    mixinStandardHelpOptions = true,
    description =
        "Trains with settings of the second-order methods, each from the same weights on the same"
            + " batches, and prints a row of a table for each.")
public final class Settings implements Callable<Integer> {
  @Spec private CommandSpec spec;

  /** Reports at the end of a run that a row is made of. */
  private static final int LAST = 10;

  @Mixin private DataOptions data;

  @Option(
      names = "--scale",
      paramLabel = "F",
      defaultValue = "0.25",
      description = "Hidden widths as a share of the paper's. Default: ${DEFAULT-VALUE}.")
  private double scale;

  @Option(names = "--batch", paramLabel = "N", description = "Default: that of bench/compare.")
  private Integer batch;

  @Option(
      names = "--updates",
      paramLabel = "N",
      defaultValue = "100",
      description = "Updates of each run. Default: ${DEFAULT-VALUE}.")
  private int updates;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Of weights and batches. Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Option(
      names = "--diagnostics",
      description = "Measures what the factors take the curvature for, a pass a layer and update.")
  private boolean diagnostics;

  @Parameters(
      paramLabel = "SETTING",
      arity = "1..*",
      description =
          "Method and options with commas between them: kfra, kflr or kfac; average=X,"
              + " decay=X, refresh=N, reduction=N, lambda=X, least=X, fixed=X, constant-lambda;"
              + " paper, the paper's algorithm, and with it momentum, adapt-gamma. For example"
              + " kfra,paper,momentum,lambda=1.")
  private List<String> settings;

  private Settings() {}

  /**
   * The command.
   *
   * @param arguments see {@code --help}
   */
  public static void main(String[] arguments) {
    System.exit(commandLine().execute(arguments));
  }

  static CommandLine commandLine() {
    return Commands.configure(new CommandLine(new Settings()));
  }

  @Override
  public Integer call() throws IOException {
    Commands.require(
        spec.commandLine(),
        updates >= 1,
        "--updates %s: at least one update is needed; give a number from 1 on",
        updates);
    settings.forEach(this::builder); // a wrong one is said before hours of runs
    Dataset rows = data.load(spec.commandLine());
    int size = batch == null ? data.problem().defaultBatch() : batch;
    DataOptions.check(spec.commandLine(), rows, scale, size);
    NetworkShape shape = data.problem().network(rows, scale);
    try (Device device = Device.open()) {
      System.out.printf(
          "%s, %s, batch %d, %d updates, seed %d, %s%n%n",
          data.problem(), shape, size, updates, seed, device);
      System.out.println(
          "| setting | objective | of the averages | alpha | mu | lambda | exact / blocks | blocks"
              + " / factors | seconds |");
      System.out.println("|---|---|---|---|---|---|---|---|---|");
      for (String setting : settings) {
        try (Network network = shape.build(device, seed);
            Batches batches = Batches.of(device, rows, size, seed);
            GaussNewton optimizer =
                builder(setting).diagnostics(diagnostics).build(network, data.problem().loss())) {
          System.out.println(row(setting, optimizer, network, batches));
        }
      }
    }
    return CommandLine.ExitCode.OK;
  }

  private String row(String setting, GaussNewton optimizer, Network network, Batches batches) {
    List<StepReport> reports = new ArrayList<>();
    long start = System.nanoTime();
    try {
      for (int k = 0; k < updates; k++) {
        StepReport report = optimizer.step(batches.next());
        report.loss();
        reports.add(report);
      }
    } catch (DivergenceException e) {
      return "| " + setting + " | " + e.getMessage() + " | | | | | | | |";
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    List<StepReport> last = reports.subList(Math.max(0, updates - LAST), updates);
    return String.format(
        Locale.ROOT,
        "| %s | %.2f | %s | %.3f | %.2f | %.2g | %s | %s | %.0f |",
        setting,
        last.stream().mapToDouble(StepReport::loss).average().orElseThrow(),
        averages(setting, optimizer, network, batches),
        median(last, StepReport::alpha),
        median(last, StepReport::mu),
        median(last, StepReport::lambda),
        ratio(last, r -> r.exactCurvature() / r.blockCurvature()),
        ratio(last, r -> r.blockCurvature() / r.modelledCurvature()),
        seconds);
  }

  /**
   * Mean loss of the next batches with the averaged weights, where the setting has them: what an
   * optimiser that never moves reports of them.
   */
  private String averages(String setting, GaussNewton optimizer, Network network, Batches batches) {
    if (!setting.contains("average=")) {
      return "";
    }
    optimizer.swapAverages();
    try (Sgd still = Sgd.builder().learningRate(1e-30).build(network, data.problem().loss())) {
      double sum = 0;
      for (int k = 0; k < LAST; k++) {
        sum += still.step(batches.next()).loss();
      }
      return String.format(Locale.ROOT, "%.2f", sum / LAST);
    }
  }

  /** Empty without diagnostics. */
  private static String ratio(List<StepReport> reports, ToDoubleFunction<StepReport> value) {
    double median = median(reports, value);
    return Double.isNaN(median) ? "" : String.format(Locale.ROOT, "%.2f", median);
  }

  private static double median(List<StepReport> reports, ToDoubleFunction<StepReport> value) {
    double[] values = reports.stream().mapToDouble(value).sorted().toArray();
    return values[values.length / 2];
  }

  private GaussNewton.Builder builder(String setting) {
    try {
      return SecondOrderSetting.parse(setting);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }
}
