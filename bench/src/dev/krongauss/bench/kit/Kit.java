package dev.krongauss.bench.kit;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command of the GPU kit, started by {@code run}. */
@Command(
    name = "run",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    usageHelpAutoWidth = true,
    description = {
      "Checks Krongauss on this machine's GPU. Each stage ends within its limit and writes its"
          + " result after every case, so that a run that is stopped keeps what it had.",
      ""
    },
    footer = {
      "",
      "Stages:",
      "  tests     kernel cases, and the Java tests that say something about a GPU",
      "  sanitize  the small kernel cases under compute-sanitizer",
      "  bench     the kernel cases timed, beside cuBLAS and cuSOLVER",
      "  compare   KFRA and Adam on CURVES and, if carried, MNIST",
      "  peers     Adam here and in PyTorch, the same network and batches",
      "  all       all of them in this order",
      "",
      "Exit codes: 0 all good, 1 something failed (see the results), 2 wrong options."
    })
final class Kit implements Callable<Integer> {
  private static final double LIMIT = 440;

  private enum Stage {
    TESTS,
    SANITIZE,
    BENCH,
    COMPARE,
    PEERS,
    ALL
  }

  @Spec private CommandSpec spec;

  @Option(
      names = "--stage",
      paramLabel = "NAME",
      split = ",",
      required = true,
      description = "One or several of those below, joined by commas.")
  private List<Stage> stages = new ArrayList<>();

  @Option(
      names = "--device",
      paramLabel = "KIND",
      defaultValue = "cuda",
      description = "cuda, or software: SoftCUDA in place of the GPU. Default: ${DEFAULT-VALUE}.")
  private String device = "cuda";

  @Option(
      names = "--cases",
      paramLabel = "LIST",
      defaultValue = "",
      description =
          "Only cases and test classes whose names begin with one of these, joined by commas.")
  private String cases = "";

  @Option(
      names = "--limit",
      paramLabel = "S",
      description = "Seconds for each stage. Default: " + LIMIT + ".")
  private double limit = LIMIT;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      description =
          "Seconds of training for each optimiser in compare and peers. Default: what fits.")
  private Double seconds;

  @Option(
      names = "--results",
      paramLabel = "DIR",
      description = "Where results go. Default: results beside run.")
  private Path results = Path.of(System.getProperty("krongauss.kit.results", "results"));

  private final List<String> arguments;

  private Kit(List<String> arguments) {
    this.arguments = arguments;
  }

  /**
   * The command.
   *
   * @param arguments see {@code --help}
   */
  public static void main(String[] arguments) {
    System.exit(
        new CommandLine(new Kit(List.of(arguments)))
            .setCaseInsensitiveEnumValuesAllowed(true)
            .execute(arguments));
  }

  @Override
  public Integer call() throws IOException {
    require(
        List.of("cuda", "software").contains(device), "--device %s: give cuda or software", device);
    require(limit >= 1, "--limit %s: give seconds, for example --limit 440", limit);
    require(seconds == null || seconds > 0, "--seconds %s: give a positive number", seconds);
    Path home = Path.of(System.getProperty("krongauss.kit.home", ".")).toAbsolutePath();
    Settings settings =
        new Settings(
            home,
            results.toAbsolutePath(),
            home.resolveSibling("work"),
            device,
            cases,
            limit,
            seconds,
            "run " + String.join(" ", arguments));
    List<Stage> wanted =
        stages.contains(Stage.ALL)
            ? List.of(Stage.TESTS, Stage.SANITIZE, Stage.BENCH, Stage.COMPARE, Stage.PEERS)
            : stages;
    boolean good = true;
    for (Stage stage : wanted) {
      System.out.println("---- " + stage.name().toLowerCase(Locale.ROOT));
      good &= run(stage, settings);
    }
    System.out.println("results: " + settings.results());
    return good ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
  }

  private static boolean run(Stage stage, Settings settings) throws IOException {
    return switch (stage) {
      case TESTS -> new Stages(settings).tests();
      case SANITIZE -> new Stages(settings).sanitize();
      case BENCH -> new Stages(settings).bench();
      case COMPARE -> new Training(settings).compare();
      case PEERS -> new Training(settings).peers();
      case ALL -> throw new IllegalStateException("not a stage of its own");
    };
  }

  private void require(boolean ok, String format, Object... values) {
    if (!ok) {
      throw new ParameterException(spec.commandLine(), String.format(Locale.ROOT, format, values));
    }
  }
}
