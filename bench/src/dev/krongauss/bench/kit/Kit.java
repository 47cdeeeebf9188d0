package dev.krongauss.bench.kit;

import dev.krongauss.bench.Commands;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The command of the GPU kit, started by {@code run}. */
@Command(
    name = "run",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    usageHelpAutoWidth = true,
    description = {
      "Checks Krongauss on this machine's GPU. Without --stage a session does within 8 minutes what"
          + " matters most of all stages: facts of the machine, kernels checked and timed, updates by"
          + " phases, training here and in PyTorch, a sanitizer. A stage does one thing to its end."
          + " Results are written after every case, so that a run that is stopped keeps what it"
          + " had.",
      ""
    },
    footer = {
      "",
      "Stages:",
      "  tests     kernel cases, and the Java tests that say something about a GPU",
      "  sanitize  the small kernel cases under compute-sanitizer",
      "  bench     the kernel cases timed, beside cuBLAS and cuSOLVER",
      "  phases    updates of KFRA, KFAC and Adam by phases, with chained and with single launches",
      "  compare   KFRA and Adam on CURVES and, if carried, MNIST",
      "  peers     KFRA and Adam here and in PyTorch, the same network and batches",
      "  all       all of them in this order",
      "",
      "Exit codes: 0 all good (a session may have left out what it had no time for), 1 something"
          + " failed (see the results), 2 wrong options."
    })
final class Kit implements Callable<Integer> {
  private static final double STAGE_LIMIT = 440;
  private static final double SESSION_LIMIT = 480;

  /** A clock that was set since then is not believed. */
  private static final double LONGEST_START = 300;

  private enum Stage {
    TESTS,
    SANITIZE,
    BENCH,
    PHASES,
    COMPARE,
    PEERS,
    ALL
  }

  @Spec private CommandSpec spec;

  @Option(
      names = "--stage",
      paramLabel = "NAME",
      split = ",",
      description =
          "One or several of those below, joined by commas. Default: a session of all that matters"
              + " most.")
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
      description =
          "Seconds for each stage, default "
              + STAGE_LIMIT
              + ", or for the whole session, default "
              + SESSION_LIMIT
              + ".")
  private Double limit;

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
    require(
        limit == null || limit >= 1, "--limit %s: give seconds, for example --limit 440", limit);
    require(
        seconds == null || seconds > 0,
        "--seconds %s: give a positive number, for example --seconds 12",
        seconds);
    Path home = Path.of(System.getProperty("krongauss.kit.home", ".")).toAbsolutePath();
    KitSettings settings =
        new KitSettings(
            home,
            results.toAbsolutePath(),
            home.resolveSibling("work"),
            device,
            cases,
            limit != null ? limit : stages.isEmpty() ? SESSION_LIMIT : STAGE_LIMIT,
            seconds,
            stages.isEmpty(),
            ("run " + String.join(" ", arguments)).trim());
    if (settings.session()) {
      return code(new Session(settings).run(secondsSinceRun()), settings);
    }
    List<Stage> wanted =
        stages.contains(Stage.ALL)
            ? EnumSet.complementOf(EnumSet.of(Stage.ALL)).stream().toList()
            : stages;
    boolean good = true;
    for (Stage stage : wanted) {
      System.out.println("---- " + stage.name().toLowerCase(Locale.ROOT));
      good &= run(stage, settings).whole();
    }
    return code(good, settings);
  }

  private static int code(boolean good, KitSettings settings) {
    System.out.println("results: " + settings.results());
    return good ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
  }

  /** The script began earlier, and its unpacking counts. */
  private static double secondsSinceRun() {
    long begin = Long.getLong("krongauss.kit.begin", 0);
    double since = System.currentTimeMillis() / 1e3 - begin;
    return since > 0 && since < LONGEST_START ? since : 0;
  }

  private static Outcome run(Stage stage, KitSettings settings) throws IOException {
    return switch (stage) {
      case TESTS -> new Stages(settings).tests();
      case SANITIZE -> new Stages(settings).sanitize();
      case BENCH -> new Stages(settings).bench();
      case PHASES -> new PhasesStage(settings).phases();
      case COMPARE -> new OurTraining(settings).compare();
      case PEERS -> new PeersStage(settings).peers();
      case ALL -> throw new IllegalStateException("not a stage of its own");
    };
  }

  private void require(boolean ok, String format, Object... values) {
    Commands.require(spec.commandLine(), ok, format, values);
  }
}
