package dev.krongauss.bench.peers;

import dev.krongauss.bench.Commands;
import dev.krongauss.bench.problem.TrainingProblem;
import dev.krongauss.device.Device;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Writes what {@code bench/compare} trains as the files of {@link PeerProblem}. */
@Command(
    name = "ExportProblem",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Writes data, first weights and batches of a bench/compare run for the peers.")
public final class ExportProblem implements Callable<Integer> {
  @Option(
      names = "--data",
      defaultValue = "curves",
      description = "curves, mnist or faces; default ${DEFAULT-VALUE}")
  private String data;

  @Option(
      names = "--data-dir",
      defaultValue = ".",
      paramLabel = "DIR",
      description = "folder of the files, as for bench/compare")
  private Path folder;

  @Option(
      names = "--scale",
      required = true,
      paramLabel = "F",
      description = "multiplies the hidden widths")
  private double scale;

  @Option(names = "--batch", required = true, paramLabel = "N", description = "rows a batch")
  private int batch;

  @Option(
      names = "--seed",
      defaultValue = "1",
      paramLabel = "N",
      description = "of weights and batches; default ${DEFAULT-VALUE}")
  private long seed;

  @Option(
      names = "--data-seed",
      defaultValue = "1",
      paramLabel = "N",
      description = "of generated data; default ${DEFAULT-VALUE}")
  private long dataSeed;

  @Option(
      names = "--updates",
      defaultValue = "10000",
      paramLabel = "N",
      description = "batches to write, before peers begin again; default ${DEFAULT-VALUE}")
  private long updates;

  @Option(names = "--out", required = true, paramLabel = "DIR", description = "folder to write")
  private Path out;

  private ExportProblem() {}

  /** See {@code --help}. */
  public static void main(String[] arguments) {
    System.exit(Commands.configure(new CommandLine(new ExportProblem())).execute(arguments));
  }

  @Override
  public Integer call() throws IOException {
    TrainingProblem problem = TrainingProblem.load(data, folder, scale, dataSeed);
    float[][] weights;
    try (Device device = Device.open()) {
      weights = problem.weights(device, seed);
    }
    new PeerProblem(problem.data(), problem.layers(), weights, problem.loss(), batch, seed)
        .write(out, new Limits(updates, Double.POSITIVE_INFINITY));
    return CommandLine.ExitCode.OK;
  }
}
