package dev.krongauss.bench.update;

import dev.krongauss.bench.Commands;
import dev.krongauss.bench.problem.DataOptions;
import dev.krongauss.bench.problem.NetworkShape;
import dev.krongauss.data.Batches;
import dev.krongauss.data.Dataset;
import dev.krongauss.device.Device;
import dev.krongauss.io.Checkpoint;
import dev.krongauss.model.Resumable;
import dev.krongauss.mutation.SoftwareOptions;
import dev.krongauss.net.Network;
import dev.krongauss.optim.GaussNewton;
import dev.krongauss.optim.StepReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * What products of less accuracy, by their purpose, do to training: KFRA on SoftCUDA with this
 * project's kernels and the tiles of a GPU with tensor cores, whose rounding SoftCUDA plays.
 */
@Command(
    name = "bench/precision",
    mixinStandardHelpOptions = true,
    description =
        "Trains KFRA with products in TF32, by purpose, each from the same weights on the same"
            + " batches, on SoftCUDA; appends a row a run to a file and prints the table of all of"
            + " its rows.")
public final class Precision implements Callable<Integer> {
  /** Reports at the end of a run that its objective is the mean of. */
  private static final int LAST = 10;

  /** An H200: tiles of three TF32 products. */
  private static final String CHIP = "90:132";

  @Spec private CommandSpec spec;

  @Mixin private DataOptions data;

  @Option(
      names = "--scale",
      paramLabel = "F",
      defaultValue = "0.25",
      description = "Hidden widths as a share of the paper's. Default: ${DEFAULT-VALUE}.")
  private double scale;

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "250",
      description = "Datapoints of a batch. Default: ${DEFAULT-VALUE}.")
  private int batch;

  @Option(
      names = "--updates",
      paramLabel = "N",
      defaultValue = "200",
      description = "Updates of each run. Default: ${DEFAULT-VALUE}.")
  private int updates;

  @Option(
      names = "--seeds",
      paramLabel = "LIST",
      split = ",",
      defaultValue = "1,2,3",
      description = "Of weights and batches. Default: ${DEFAULT-VALUE}.")
  private List<Long> seeds;

  @Option(
      names = "--mma",
      paramLabel = "NAME",
      defaultValue = "h100",
      description =
          "How SoftCUDA's tensor cores round: a100, h100, worst. Default: ${DEFAULT-VALUE}.")
  private String mma;

  @Option(
      names = "--variants",
      paramLabel = "LIST",
      split = ",",
      converter = PrecisionVariant.Converter.class,
      defaultValue = "fp32,ffma,tangents,solves,recursion",
      description =
          "fp32 and ffma, two tiles with FP32 accuracy; tangents in TF32, solves too, KFRA's"
              + " recursion too. Default: ${DEFAULT-VALUE}.")
  private List<PrecisionVariant> variants;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      required = true,
      description = "Rows of the runs; runs whose rows it has are left out.")
  private Path out;

  @Option(names = "--table", description = "Runs nothing; prints the table of the file's rows.")
  private boolean tableOnly;

  private Precision() {}

  /**
   * The command.
   *
   * @param arguments see {@code --help}
   */
  public static void main(String[] arguments) {
    System.exit(commandLine().execute(arguments));
  }

  static CommandLine commandLine() {
    return Commands.configure(new CommandLine(new Precision()));
  }

  @Override
  public Integer call() throws IOException {
    Commands.require(
        spec.commandLine(),
        updates >= LAST,
        "--updates %s: a run's objective is the mean of its last %d updates; give %d or more",
        updates,
        LAST,
        LAST);
    PrecisionRows rows = PrecisionRows.of(out);
    if (!tableOnly) {
      train(rows);
    }
    System.out.print(rows.table());
    return CommandLine.ExitCode.OK;
  }

  private void train(PrecisionRows rows) throws IOException {
    Dataset set = data.load(spec.commandLine());
    DataOptions.check(spec.commandLine(), set, scale, batch);
    NetworkShape shape = data.problem().network(set, scale);
    System.setProperty("krongauss.operations", "kernels");
    System.setProperty("krongauss.chip", CHIP);
    try (Device device = Device.open()) {
      new SoftwareOptions().set("mma", mma);
      for (long seed : seeds) {
        for (PrecisionVariant variant : variants) {
          PrecisionRows.Key key =
              new PrecisionRows.Key(
                  data.problem().toString(), mma, scale, batch, updates, seed, variant.toString());
          if (!rows.has(key)) {
            rows.append(key, run(device, set, shape, seed, variant));
          }
        }
      }
    }
  }

  private PrecisionRows.Values run(
      Device device, Dataset set, NetworkShape shape, long seed, PrecisionVariant variant)
      throws IOException {
    variant.set();
    List<Double> objectives = new ArrayList<>();
    Path kept = Files.createTempFile("krongauss-precision", ".safetensors");
    long start = System.nanoTime();
    try (Network network = shape.build(device, seed);
        Batches batches = Batches.of(device, set, batch, seed);
        GaussNewton optimizer = GaussNewton.kfra().build(network, data.problem().loss())) {
      for (int k = 0; k < updates; k++) {
        objectives.add(optimizer.step(batches.next()).loss());
      }
      double seconds = (System.nanoTime() - start) / 1e9;
      Map<String, Resumable> parts = parts(network, batches, optimizer);
      Checkpoint.save(kept, device.stream(), parts);
      double[] alpha = stepsAfter(device, set, shape, seed, kept, PrecisionVariant.FP32);
      double[] other = stepsAfter(device, set, shape, seed, kept, PrecisionVariant.TANGENTS);
      return new PrecisionRows.Values(
          mean(objectives.subList(updates - LAST, updates)), relative(alpha, other), seconds);
    } finally {
      Files.deleteIfExists(kept);
    }
  }

  /**
   * Step lengths of the update that follows a checkpoint: a0 and each layer's. With {@code fp32}
   * and {@code tangents} they belong to the same direction.
   */
  private double[] stepsAfter(
      Device device,
      Dataset set,
      NetworkShape shape,
      long seed,
      Path kept,
      PrecisionVariant variant)
      throws IOException {
    variant.set();
    try (Network network = shape.build(device, seed);
        Batches batches = Batches.of(device, set, batch, seed);
        GaussNewton optimizer = GaussNewton.kfra().build(network, data.problem().loss())) {
      Checkpoint.load(kept, device.stream(), parts(network, batches, optimizer));
      StepReport report = optimizer.step(batches.next());
      double[] steps = Arrays.copyOf(report.steps(), report.steps().length + 1);
      steps[steps.length - 1] = report.alpha();
      return steps;
    }
  }

  private static Map<String, Resumable> parts(
      Network network, Batches batches, GaussNewton optimizer) {
    Map<String, Resumable> parts = new LinkedHashMap<>();
    parts.put("weights", Resumable.weights(network));
    parts.put("batches", batches);
    parts.put("optimizer", optimizer);
    return parts;
  }

  private static double mean(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
  }

  /** The greatest difference as a share of the greatest step. */
  private static double relative(double[] x, double[] y) {
    double most = 0;
    double scale = 0;
    for (int i = 0; i < x.length; i++) {
      most = Math.max(most, Math.abs(x[i] - y[i]));
      scale = Math.max(scale, Math.abs(x[i]));
    }
    return most / scale;
  }
}
