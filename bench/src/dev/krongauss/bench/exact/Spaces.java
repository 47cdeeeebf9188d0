package dev.krongauss.bench.exact;

import dev.krongauss.bench.Commands;
import dev.krongauss.curvature.ExactMemory;
import dev.krongauss.curvature.ExactSpace;
import dev.krongauss.data.Batches;
import dev.krongauss.data.Dataset;
import dev.krongauss.device.Device;
import dev.krongauss.model.Batch;
import dev.krongauss.net.Activation;
import dev.krongauss.net.Loss;
import dev.krongauss.net.Network;
import dev.krongauss.optim.ExactGaussNewton;
import dev.krongauss.optim.GaussNewton;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** An update in both spaces against the number of rows. */
@Command(
    name = "bench/run dev.krongauss.bench.exact.Spaces",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    usageHelpAutoWidth = true,
    description = {
      "Times exact updates of one network in the space of residuals and in that of weights, in"
          + " turns, against the rows of a batch, on made-up rows; beside them the operations that"
          + " each counts, the memory, and what is chosen.",
      ""
    })
public final class Spaces implements Callable<Integer> {
  private static final int WARM_UP = 3;

  @Spec private CommandSpec spec;

  @Option(
      names = "--sizes",
      paramLabel = "D",
      split = "-",
      required = true,
      description = "Widths of the layers, for example 8-20-20-1; a residual an output.")
  private int[] sizes;

  @Option(
      names = "--rows",
      paramLabel = "N",
      split = ",",
      required = true,
      description = "Rows of a batch.")
  private int[] rows;

  @Option(
      names = "--updates",
      paramLabel = "N",
      defaultValue = "9",
      description = "Timed updates in each space. Default: ${DEFAULT-VALUE}.")
  private int updates;

  private Spaces() {}

  /**
   * The command.
   *
   * @param arguments see {@code --help}
   */
  public static void main(String[] arguments) {
    System.exit(commandLine().execute(arguments));
  }

  static CommandLine commandLine() {
    return Commands.configure(new CommandLine(new Spaces()));
  }

  @Override
  public Integer call() {
    Commands.require(
        spec.commandLine(), sizes.length >= 2, "--sizes: give at least inputs and outputs: 8-1");
    Commands.require(
        spec.commandLine(),
        IntStream.concat(IntStream.of(sizes), IntStream.of(rows)).allMatch(n -> n > 0),
        "--sizes and --rows: give numbers from 1 on");
    Commands.require(spec.commandLine(), updates > 0, "--updates %d: give 1 or more", updates);
    PrintWriter out = spec.commandLine().getOut();
    try (Device device = Device.open()) {
      out.printf("P = %,d, %s%n%n", ExactMemory.parameters(sizes), device);
      out.println(
          "| N | K | N K / P | ms, residuals | ms, weights | their ratio | by operations | MiB,"
              + " residuals | MiB, weights | chosen |");
      out.println("|---|---|---|---|---|---|---|---|---|---|");
      for (int N : rows) {
        out.println(row(device, N));
        out.flush();
      }
    }
    return CommandLine.ExitCode.OK;
  }

  private String row(Device device, int N) {
    int K = sizes[sizes.length - 1];
    long P = ExactMemory.parameters(sizes);
    List<Double> sample = new ArrayList<>();
    List<Double> parameter = new ArrayList<>();
    try (Case first = new Case(device, sizes, N, ExactSpace.SAMPLE);
        Case second = new Case(device, sizes, N, ExactSpace.PARAMETER)) {
      for (int k = -WARM_UP; k < updates; k++) {
        double one = first.update();
        double other = second.update();
        if (k >= 0) {
          sample.add(one);
          parameter.add(other);
        }
      }
    }
    return String.format(
        Locale.ROOT,
        "| %d | %d | %.2f | %.1f | %.1f | %.2f | %.2f | %.1f | %.1f | %s |",
        N,
        K,
        (double) N * K / P,
        Turns.median(sample),
        Turns.median(parameter),
        Turns.median(sample) / Turns.median(parameter),
        operations(ExactSpace.SAMPLE, sizes, N, K) / operations(ExactSpace.PARAMETER, sizes, N, K),
        ExactMemory.ofOptimizer(ExactSpace.SAMPLE, sizes, N, K) / 1048576.0,
        ExactMemory.ofOptimizer(ExactSpace.PARAMETER, sizes, N, K) / 1048576.0,
        ExactSpace.SMALLER.of(N, K, P) == ExactSpace.SAMPLE ? "residuals" : "weights");
  }

  /**
   * Flops of what grows fastest: half of the matrix, n³ for its factor and inverse. By strips,
   * Grams of inputs and roots and their product for residuals; rows of J times themselves for
   * weights.
   */
  static double operations(ExactSpace space, int[] sizes, int N, int K) {
    double P = ExactMemory.parameters(sizes);
    double n = (double) N * K;
    if (space == ExactSpace.PARAMETER) {
      return n * P * P + P * P * P;
    }
    double sum = 0;
    for (int l = 1; l < sizes.length; l++) {
      sum += n * N * (sizes[l - 1] + 1.0) / K + n * n * (sizes[l] + 1.0);
    }
    return sum + n * n * n;
  }

  /** A network, its rows and an optimiser. */
  private static final class Case implements AutoCloseable {
    private final Network network;
    private final Batches batches;
    private final Batch batch;
    private final ExactGaussNewton optimizer;

    Case(Device device, int[] sizes, int N, ExactSpace space) {
      int outputs = sizes[sizes.length - 1];
      Network.Builder builder = Network.input(sizes[0]);
      for (int l = 1; l < sizes.length - 1; l++) {
        builder.dense(sizes[l], Activation.TANH);
      }
      network = builder.dense(outputs, Activation.IDENTITY).build(device, 1);
      Dataset data =
          Dataset.supervised(
              "made up", random(N * sizes[0], 1), sizes[0], random(N * outputs, 2), outputs);
      batches = Batches.of(device, data, N, 1);
      batch = batches.next();
      optimizer = GaussNewton.exact().space(space).budget(64L << 30).build(network, Loss.squared());
    }

    double update() {
      long begin = System.nanoTime();
      optimizer.step(batch).loss();
      return (System.nanoTime() - begin) / 1e6;
    }

    private static float[] random(int count, long seed) {
      SplittableRandom random = new SplittableRandom(seed);
      float[] values = new float[count];
      for (int i = 0; i < count; i++) {
        values[i] = 2 * random.nextFloat() - 1;
      }
      return values;
    }

    @Override
    public void close() {
      optimizer.close();
      batches.close();
      network.close();
    }
  }
}
