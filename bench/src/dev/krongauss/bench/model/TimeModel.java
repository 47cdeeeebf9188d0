package dev.krongauss.bench.model;

import dev.krongauss.bench.Commands;
import dev.krongauss.bench.problem.NetworkShape;
import dev.krongauss.device.Device;
import dev.krongauss.net.Activation;
import dev.krongauss.optim.Phase;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** A model of the time that an update's kernels take on a GPU, from SoftCUDA's counts. */
@Command(
    name = "bench/model",
    mixinStandardHelpOptions = true,
    description =
        "Counts an update of an autoencoder on SoftCUDA, kernel by kernel, with the tiles that a"
            + " GPU would be given, and computes its time there: a model, not a measurement.")
public final class TimeModel implements Callable<Integer> {
  private static final int MOST_VALUES = 1 << 28;
  private static final Phase[] PHASES = {
    Phase.FORWARD, Phase.LOSS, Phase.BACKWARD, Phase.SOLVE, Phase.RESCALE, Phase.UPDATE
  };

  @Spec private CommandSpec spec;

  @Option(
      names = "--gpu",
      paramLabel = "GPU",
      split = ",",
      defaultValue = "h200",
      description = "h200, h100, a100, rtx4090, with commas between. Default: ${DEFAULT-VALUE}.")
  private List<String> gpus;

  @Option(
      names = "--method",
      paramLabel = "NAME",
      split = ",",
      defaultValue = "kfra",
      description = "kfra, adam, with commas between. Default: ${DEFAULT-VALUE}.")
  private List<String> methods;

  @Option(
      names = "--sizes",
      paramLabel = "D",
      split = ",",
      defaultValue = "784,1000,500,250,30,250,500,1000,784",
      description = "Widths from the inputs to the outputs. Default: ${DEFAULT-VALUE}.")
  private List<Integer> sizes;

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "1000",
      description = "Datapoints of a batch. Default: ${DEFAULT-VALUE}.")
  private int batch;

  @Option(
      names = "--refresh-beside",
      paramLabel = "PHASE",
      split = ",",
      defaultValue = "backward",
      description =
          "Phases of an update that a refresh runs beside, on a branch of the graph: forward, loss,"
              + " backward, solve, rescale, update, with commas between, or none. Default:"
              + " ${DEFAULT-VALUE}.")
  private List<String> beside;

  @Option(names = "--totals", description = "Only the sums.")
  private boolean totalsOnly;

  private TimeModel() {}

  /**
   * The command.
   *
   * @param arguments see {@code --help}
   */
  public static void main(String[] arguments) {
    System.exit(commandLine().execute(arguments));
  }

  static CommandLine commandLine() {
    return Commands.configure(new CommandLine(new TimeModel()));
  }

  @Override
  public Integer call() throws IOException {
    List<ModelledGpu> chosen = chosen(ModelledGpu.values(), gpus, "--gpu");
    List<ModelledMethod> wanted = chosen(ModelledMethod.values(), methods, "--method");
    Set<Phase> branch =
        beside.equals(List.of("none"))
            ? Set.of()
            : Set.copyOf(chosen(PHASES, beside, "--refresh-beside"));
    Commands.require(
        spec.commandLine(),
        sizes.size() >= 2
            && sizes.stream().allMatch(d -> d >= 1)
            && sizes.get(0).equals(sizes.get(sizes.size() - 1)),
        "--sizes %s: give at least two widths from 1 on, the last one that of the inputs",
        sizes);
    Commands.require(
        spec.commandLine(),
        batch >= 1,
        "--batch %s: at least one datapoint is needed; give a number from 1 on",
        batch);
    Commands.require(
        spec.commandLine(),
        (long) batch * sizes.get(0) <= MOST_VALUES,
        "--batch %,d of %,d inputs: %,d values are the most; give fewer datapoints, or narrower ones",
        batch,
        sizes.get(0),
        MOST_VALUES);
    print(chosen, wanted, branch);
    return CommandLine.ExitCode.OK;
  }

  private void print(List<ModelledGpu> chosen, List<ModelledMethod> wanted, Set<Phase> branch)
      throws IOException {
    KernelBudget budget = KernelBudget.read(Commands.home().resolve("kernels/BUDGET.md"));
    NetworkShape shape = shape(sizes);
    List<String> names = new ArrayList<>();
    List<Totals> totals = new ArrayList<>();
    System.setProperty("krongauss.device", "software");
    System.setProperty("krongauss.softcuda.workers", "1");
    System.out.printf("%s%n%n%s, batch %d%n", ModelTable.LABEL, shape, batch);
    try (Device device = Device.open()) {
      CountedUpdate update = new CountedUpdate(device, budget);
      for (ModelledGpu gpu : chosen) {
        for (ModelledMethod method : wanted) {
          List<Node> nodes = update.nodes(gpu, method, shape, batch);
          names.add(gpu.option() + ", " + method.option());
          totals.add(Totals.of(nodes, branch));
          if (!totalsOnly) {
            System.out.printf(
                "%n### %s%n%n%s", names.get(names.size() - 1), ModelTable.nodes(nodes));
          }
        }
      }
    }
    System.out.printf("%n### Sums%n%n%s", ModelTable.totals(names, totals));
  }

  /** tanh on the hidden layers, a linear output, as the paper's autoencoder. */
  static NetworkShape shape(List<Integer> sizes) {
    int last = sizes.size() - 1;
    return NetworkShape.of(sizes.get(0), sizes.subList(1, last), Activation.TANH, sizes.get(last));
  }

  private <E extends Enum<E>> List<E> chosen(E[] values, List<String> names, String option) {
    List<E> found = new ArrayList<>();
    for (String name : names) {
      List<E> named =
          List.of(values).stream().filter(v -> v.name().equalsIgnoreCase(name.strip())).toList();
      Commands.require(
          spec.commandLine(),
          named.size() == 1,
          "%s %s: there are %s",
          option,
          name,
          List.of(values).stream().map(v -> v.name().toLowerCase(java.util.Locale.ROOT)).toList());
      found.add(named.get(0));
    }
    return found;
  }
}
