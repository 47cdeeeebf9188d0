package dev.krongauss.bench.exact;

import dev.krongauss.bench.Commands;
import dev.krongauss.bench.LowerCaseEnum;
import dev.krongauss.device.Device;
import dev.krongauss.net.Network;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The exact step beside other Levenberg-Marquardt trainings, in turns. */
@Command(
    name = "bench/exact",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    usageHelpAutoWidth = true,
    description = {
      "Trains a network on a table by Levenberg-Marquardt updates: this project's exact step, Encog"
          + " and Commons Math in this JVM, PyTorch in processes of their own, in turns, from the"
          + " same weights on the same rows as one batch. Prints a table: milliseconds an update,"
          + " times the first contestant's of the same turn, and the objective at the end, each as"
          + " the median, and least and greatest of the turns.",
      ""
    })
public final class Speed implements Callable<Integer> {
  private static final int WARM_UP = 3;

  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "TABLE",
      converter = TableName.class,
      description = "abalone (8-20-20-1, all rows) or california (8-100-100-1, 2000 rows).")
  private ExactProblem.Table table;

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      required = true,
      description = "The folder with abalone.csv and california_housing.csv.")
  private Path folder;

  @Option(names = "--units", paramLabel = "N", description = "Of both hidden layers.")
  private Integer units;

  @Option(names = "--rows", paramLabel = "N", description = "Of the batch; 0 for all.")
  private Integer rows;

  @Option(
      names = "--contestants",
      paramLabel = "NAME[=N]",
      split = ",",
      mapFallbackValue = "",
      required = true,
      description =
          "Who trains, the first one being what others are compared with: "
              + Contestants.KNOWN
              + ". With =N it makes N updates a turn.")
  private Map<String, String> contestants;

  @Option(
      names = "--updates",
      paramLabel = "N",
      defaultValue = "20",
      description = "Updates of a turn. Default: ${DEFAULT-VALUE}.")
  private int updates;

  @Option(
      names = "--starts",
      paramLabel = "N",
      defaultValue = "5",
      description = "Turns of each, from weights of seeds 1 to N. Default: ${DEFAULT-VALUE}.")
  private int starts;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Of PyTorch. Default: the processors, as the others take them.")
  private Integer threads;

  private Speed() {}

  /** Names as they are typed. */
  static final class TableName extends LowerCaseEnum<ExactProblem.Table> {
    TableName() {
      super(ExactProblem.Table.values());
    }
  }

  /**
   * The command.
   *
   * @param arguments see {@code --help}
   */
  public static void main(String[] arguments) {
    System.exit(commandLine().execute(arguments));
  }

  static CommandLine commandLine() {
    return Commands.configure(new CommandLine(new Speed()));
  }

  @Override
  public Integer call() throws IOException {
    Map<String, Integer> counts = counts();
    Commands.require(spec.commandLine(), starts > 0, "--starts %d: give 1 or more", starts);
    atLeast(1, "--units", units);
    atLeast(0, "--rows", rows);
    atLeast(1, "--threads", threads);
    ExactProblem problem =
        ExactProblem.of(
            table,
            folder,
            units == null ? table.units() : units,
            rows == null ? table.rows() : rows);
    int most = threads == null ? Runtime.getRuntime().availableProcessors() : threads;
    Path files = Files.createTempDirectory("krongauss-exact");
    List<Contestant> all = new ArrayList<>();
    try (Device device = Device.open()) {
      Contestants makers = new Contestants(problem, device, files, most);
      try {
        for (String name : counts.keySet()) {
          all.add(makers.named(name));
        }
        print(problem, device, turns(problem, device, all, new ArrayList<>(counts.values())));
      } finally {
        all.forEach(Contestant::close);
      }
    } finally {
      remove(files);
    }
    return CommandLine.ExitCode.OK;
  }

  private void atLeast(int least, String option, Integer value) {
    boolean fits = value == null || value >= least;
    Commands.require(spec.commandLine(), fits, "%s %d: give %d or more", option, value, least);
  }

  /** Updates a turn of each. */
  private Map<String, Integer> counts() {
    Map<String, Integer> counts = new LinkedHashMap<>();
    for (Map.Entry<String, String> each : contestants.entrySet()) {
      String name = each.getKey();
      String count = each.getValue();
      Commands.require(
          spec.commandLine(),
          Contestants.known(name),
          "--contestants: '%s' is nobody; choose from %s",
          name,
          Contestants.KNOWN);
      Commands.require(
          spec.commandLine(),
          count.matches("([1-9][0-9]{0,5})?"),
          "--contestants: %s=%s; write a number of updates from 1 on",
          name,
          count);
      counts.put(name, count.isEmpty() ? updates : Integer.parseInt(count));
    }
    Commands.require(spec.commandLine(), updates > 0, "--updates %d: give 1 or more", updates);
    return counts;
  }

  private List<Turns> turns(
      ExactProblem problem, Device device, List<Contestant> all, List<Integer> counts)
      throws IOException {
    List<Turns> turns = new ArrayList<>();
    for (int k = 0; k < all.size(); k++) {
      turns.add(
          new Turns(all.get(k).name(), counts.get(k), new ArrayList<>(), new ArrayList<>(), 0));
      if (counts.get(k) > 1) { // the slow ones need no warming
        all.get(k).start(weights(problem, device, 1));
        all.get(k).update(Math.min(WARM_UP, counts.get(k)));
      }
    }
    DoubleNetwork judge = new DoubleNetwork(problem);
    for (int seed = 1; seed <= starts; seed++) {
      float[][] start = weights(problem, device, seed);
      for (int k = 0; k < all.size(); k++) {
        Contestant each = all.get(k);
        Turns of = turns.get(k);
        each.start(start);
        of.milliseconds().add(1e3 * each.update(of.updates()) / of.updates());
        of.objectives().add(judge.objective(each.weights()));
        turns.set(
            k,
            new Turns(of.name(), of.updates(), of.milliseconds(), of.objectives(), each.bytes()));
        progress(seed, turns.get(k));
      }
    }
    return turns;
  }

  private void progress(int seed, Turns of) {
    spec.commandLine()
        .getErr()
        .printf(
            "start %d of %d: %s, %.1f ms an update, objective %.6f%n",
            seed,
            starts,
            of.name(),
            of.milliseconds().get(seed - 1),
            of.objectives().get(seed - 1));
    spec.commandLine().getErr().flush();
  }

  private void print(ExactProblem problem, Device device, List<Turns> turns) {
    PrintWriter out = spec.commandLine().getOut();
    out.printf("%s, %d turns, %s%n%n%s%n", problem, starts, device, Turns.heading());
    turns.forEach(of -> out.println(of.row(turns.get(0))));
    out.flush();
  }

  private static float[][] weights(ExactProblem problem, Device device, long seed) {
    try (Network network = problem.network(device, seed)) {
      return network.weights();
    }
  }

  private static void remove(Path folder) throws IOException {
    try (var files = Files.walk(folder)) {
      for (Path each : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(each);
      }
    }
  }
}
