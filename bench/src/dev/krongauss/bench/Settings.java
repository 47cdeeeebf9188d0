package dev.krongauss.bench;

import dev.krongauss.data.Batches;
import dev.krongauss.data.Dataset;
import dev.krongauss.device.Device;
import dev.krongauss.net.Network;
import dev.krongauss.optim.DivergenceException;
import dev.krongauss.optim.GaussNewton;
import dev.krongauss.optim.Sgd;
import dev.krongauss.optim.StepReport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.ToDoubleFunction;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

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
final class Settings implements Callable<Integer> {
  /** Reports at the end of a run that a row is made of. */
  private static final int LAST = 10;

  @Option(names = "--data", converter = LowerCaseEnum.OfProblem.class, defaultValue = "curves")
  private Problem data = Problem.CURVES;

  @Option(names = "--data-dir", paramLabel = "DIR")
  private Path dataDir;

  @Option(names = "--scale", paramLabel = "F", defaultValue = "0.25")
  private double scale;

  @Option(names = "--batch", paramLabel = "N", description = "Default: that of bench/compare.")
  private Integer batch;

  @Option(names = "--updates", paramLabel = "N", defaultValue = "100")
  private int updates;

  @Option(names = "--seed", paramLabel = "N", defaultValue = "1")
  private long seed;

  @Option(
      names = "--diagnostics",
      description = "Measures what the factors take the curvature for, a pass a layer and update.")
  private boolean diagnostics;

  @Parameters(
      paramLabel = "SETTING",
      arity = "1..*",
      description =
          "Method and options with commas between them: kfra, kflr, kfac or auto; momentum,"
              + " average=X, decay=X, refresh=N, reduction=N, lambda=X, least=X, fixed=X,"
              + " adapt-gamma, constant-lambda. For example kfra,momentum,lambda=1.")
  private List<String> settings;

  /** The command. */
  public static void main(String[] arguments) {
    System.exit(new CommandLine(new Settings()).execute(arguments));
  }

  @Override
  public Integer call() throws IOException {
    Dataset rows = data.load(dataDir, 1);
    Autoencoder shape = Autoencoder.of(rows.inputWidth(), scale);
    int size = batch == null ? data.defaultBatch() : batch;
    try (Device device = Device.open()) {
      System.out.printf(
          "%s, %s, batch %d, %d updates, seed %d, %s%n%n",
          data, shape, size, updates, seed, device);
      System.out.println(
          "| setting | objective | of the averages | alpha | mu | lambda | exact / blocks | blocks /"
              + " factors | seconds |");
      System.out.println("|---|---|---|---|---|---|---|---|---|");
      for (String setting : settings) {
        try (Network network = shape.build(device, seed);
            Batches batches = Batches.of(device, rows, size, seed);
            GaussNewton optimizer =
                builder(setting).diagnostics(diagnostics).build(network, data.loss())) {
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
    try (Sgd still = Sgd.builder().learningRate(1e-30).build(network, data.loss())) {
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

  private static GaussNewton.Builder builder(String setting) {
    String[] parts = setting.split(",");
    GaussNewton.Builder builder =
        switch (parts[0]) {
          case "kfra" -> GaussNewton.kfra();
          case "kflr" -> GaussNewton.kflr();
          case "kfac" -> GaussNewton.kfac();
          case "auto" -> GaussNewton.auto();
          default ->
              throw new IllegalArgumentException(
                  "'"
                      + parts[0]
                      + "' is no method; a setting begins with kfra, kflr, kfac or auto");
        };
    Arrays.stream(parts).skip(1).forEach(part -> set(builder, part));
    return builder;
  }

  private static void set(GaussNewton.Builder builder, String part) {
    String[] sides = part.split("=");
    double value = sides.length == 2 ? Double.parseDouble(sides[1]) : Double.NaN;
    switch (sides[0]) {
      case "momentum" -> builder.momentum(true);
      case "average" -> builder.averageIterates(value);
      case "decay" -> builder.decay(value);
      case "refresh" -> builder.refreshEvery((int) value);
      case "reduction" -> builder.reductionEvery((int) value);
      case "lambda" -> builder.lambda(value);
      case "least" -> builder.leastLambda(value);
      case "fixed" -> builder.fixedDamping(value);
      case "adapt-gamma" -> builder.adaptGamma(true);
      case "constant-lambda" -> builder.adaptLambda(false);
      default ->
          throw new IllegalArgumentException(
              "'" + part + "' is no option of a setting; bench/settings --help lists them");
    }
  }
}
