package dev.krongauss.bench.compare;

import dev.krongauss.bench.Commands;
import dev.krongauss.bench.RunException;
import dev.krongauss.bench.kernels.DeviceFacts;
import dev.krongauss.bench.page.Curve;
import dev.krongauss.bench.problem.ProblemData;
import dev.krongauss.bench.run.Environment;
import dev.krongauss.bench.run.RecordedRun;
import dev.krongauss.bench.run.Results;
import dev.krongauss.bench.run.RunConfig;
import dev.krongauss.bench.run.RunFolder;
import dev.krongauss.bench.run.RunLock;
import dev.krongauss.bench.run.SummaryTable;
import dev.krongauss.bench.update.UpdateCost;
import dev.krongauss.device.Device;
import dev.krongauss.dist.Ranks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Trains one network from one start with several optimisers. */
@Command(
    name = "bench/compare",
    mixinStandardHelpOptions = true,
    versionProvider = Compare.Version.class,
    sortOptions = false,
    usageHelpAutoWidth = true,
    description = {
      "Trains the same network from the same start on the same batches with several optimisers, and"
          + " writes their objectives against updates and seconds as CSV, pictures and a page.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  bench/compare",
      "  bench/compare --optimizers kfra,adam --updates 30 --out first-run",
      "  bench/compare --data mnist --data-dir ~/mnist --seconds 120",
      "  bench/compare --data houses.csv --target price --patience 10",
      "",
      "Exit codes: 0 done, 1 data, device or disk failed, 2 wrong options. A contender that stops"
          + " in between, as for want of memory, says why here and on the page; the others go on,"
          + " and the code is 0."
    })
public final class Compare implements Callable<Integer> {
  /** What a run may be resumed with: where it is, and what the machine has or lacks. */
  private static final List<String> WITH_RESUME =
      List.of("--resume", "--data-dir", "--no-pictures", "--engine", "--rank-timeout");

  private static final DateTimeFormatter FOLDER_TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd-HHmmss", Locale.ROOT);

  @Spec private CommandSpec spec;
  @Mixin private CompareOptions options;

  private final List<String> arguments;
  private final Path home = Commands.home();
  private final OffsetDateTime start = OffsetDateTime.now();

  private Compare(List<String> arguments) {
    this.arguments = arguments;
  }

  /**
   * The command.
   *
   * @param arguments see {@code --help}
   */
  public static void main(String[] arguments) {
    System.setProperty("java.awt.headless", "true");
    RankGroup.silence(System.getenv());
    int status = commandLine(arguments).execute(arguments);
    if (status != CommandLine.ExitCode.OK) {
      RankGroup.endOthers(System.getenv());
    }
    System.exit(status);
  }

  static CommandLine commandLine(String... arguments) {
    return Commands.configure(new CommandLine(new Compare(List.of(arguments))));
  }

  /** Runs a comparison, or goes on with one. */
  @Override
  public Integer call() throws IOException {
    if (options.resume != null) {
      return resume();
    }
    OptionChecks.complete(spec.commandLine(), options, home, System.getenv());
    Path out = options.out == null ? defaultFolder() : options.out;
    String obstacle =
        options.ranks.launched.rank() > 0 ? null : RunFolder.obstacle(out, options.force);
    if (obstacle != null) {
      throw new ParameterException(spec.commandLine(), obstacle);
    }
    requireTableElsewhere(out);
    Loading loading = new Loading(spec.commandLine(), options);
    ProblemData rows = loading.rows();
    options.ranks.checkShares(spec.commandLine(), rows.network(options.scale), options.batch);
    try (Device device = open(options);
        RankGroup ranks = RankGroup.join(options, device)) {
      PeerRuns peers = peers(options, device, rows);
      System.out.print(loading.announcement(rows, arguments));
      try (RunFolder folder = RunFolder.create(ranks.folder(out))) {
        RunConfig config = RunConfig.create(folder, arguments, start, facts(device, rows));
        Setup setup = new Setup(device, rows, options.batch, ranks.split());
        finish(new Experiment(options, setup, folder, config, null, peers), out);
      }
    }
    return CommandLine.ExitCode.OK;
  }

  /** A run overwrites its own tables in the folder, one of which may be the user's. */
  private void requireTableElsewhere(Path out) throws IOException {
    for (Path file : options.table.files()) {
      Commands.require(
          spec.commandLine(),
          !Files.exists(out)
              || !Files.exists(file)
              || !file.toRealPath().startsWith(out.toRealPath()),
          "--out %s: %s lies in it, from which the rows are read; give another folder",
          out,
          file);
    }
  }

  private RunConfig.Facts facts(Device device, ProblemData rows) throws IOException {
    return new RunConfig.Facts(
        options.asMap(),
        rows,
        rows.network(options.scale),
        device.toString(),
        new DeviceFacts(device).asMap(),
        new Environment(home).asMap());
  }

  /** Goes on with a run by the options that it was begun with. */
  private Integer resume() throws IOException {
    requireNothingElse();
    boolean first = launched().rank() == 0; // who alone writes to the folder
    try (RunLock lock = first ? RunLock.of(options.resume) : null) {
      CompareOptions begun = begun(RecordedRun.read(options.resume));
      ProblemData rows = new Loading(spec.commandLine(), begun).rows();
      begun.ranks.checkShares(spec.commandLine(), rows.network(begun.scale), begun.batch);
      try (Device device = open(begun);
          RankGroup ranks = RankGroup.join(begun, device)) {
        PeerRuns peers = peers(begun, device, rows);
        Path own = ranks.resumed(options.resume);
        RecordedRun recorded = RecordedRun.read(own);
        RunConfig.requireSameRows(recorded, rows);
        List<Curve> kept = new ArrayList<>(recorded.finished());
        kept.addAll(recorded.stopped());
        try (RunFolder folder = RunFolder.reopen(own, first ? lock : RunLock.of(own), kept)) {
          RunConfig config = RunConfig.resume(folder, recorded, start);
          if (first) {
            sayDifferences(config, device);
          }
          Setup setup = new Setup(device, rows, begun.batch, ranks.split());
          finish(new Experiment(begun, setup, folder, config, recorded, peers), options.resume);
        }
      }
    }
    return CommandLine.ExitCode.OK;
  }

  private void sayDifferences(RunConfig config, Device device) throws IOException {
    for (String difference : config.differences(device.toString(), new Environment(home).asMap())) {
      System.err.println(
          "bench/compare: not as when the run began, its bits may differ: " + difference);
    }
  }

  private void requireNothingElse() {
    for (OptionSpec each : spec.commandLine().getParseResult().matchedOptions()) {
      if (!WITH_RESUME.contains(each.longestName())) {
        throw new ParameterException(
            spec.commandLine(),
            "%s together with --resume: the options that the run was begun with hold; leave it out"
                .formatted(each.longestName()));
      }
    }
  }

  private Ranks launched() {
    try {
      return Ranks.fromEnvironment();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  private CompareOptions begun(RecordedRun recorded) throws RunException {
    Compare first = new Compare(RunConfig.arguments(recorded));
    CommandLine line = Commands.configure(new CommandLine(first));
    line.parseArgs(first.arguments.toArray(String[]::new));
    if (options.dataDir != null) {
      first.options.dataDir = options.dataDir;
    }
    first.options.noPictures |= options.noPictures;
    first.options.ranks.goOn(options.ranks, spec.commandLine().getParseResult());
    OptionChecks.complete(line, first.options, home, System.getenv());
    return first.options;
  }

  private static Device open(CompareOptions options) {
    if (options.device != null) {
      System.setProperty("krongauss.device", options.device.toString());
    }
    return options.ranks.open();
  }

  private static void finish(Experiment experiment, Path out) throws IOException {
    Results results = experiment.run();
    System.out.print(SummaryTable.text(results.curves()));
    if (!results.costs().isEmpty()) {
      System.out.println();
      System.out.println(UpdateCost.table(results.costs()));
    }
    Grid.sentences(results.grid()).forEach(each -> System.out.println("grid: " + each));
    Claims.of(results).forEach(System.out::println);
    System.out.println("run folder: " + out.toAbsolutePath().normalize());
  }

  private PeerRuns peers(CompareOptions from, Device device, ProblemData rows) {
    try {
      return new PeerRuns(from, device, rows);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(
          spec.commandLine(), "--peer %s: %s".formatted(from.peers, e.getMessage()), e);
    }
  }

  private Path defaultFolder() {
    String name =
        "%s-%s-%s"
            .formatted(
                start.format(FOLDER_TIME),
                options.data.toString().replaceFirst("\\..*", "").replaceAll("[^\\w-]", "_"),
                options.contenders.stream()
                    .map(contender -> contender.kind().toString())
                    .distinct()
                    .collect(Collectors.joining("-")));
    return home.resolve("bench/out").resolve(name);
  }

  /** The version of the project that this was built from. */
  static final class Version implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() throws IOException {
      Map<String, Object> found = new Environment(Commands.home()).asMap();
      return new String[] {
        "krongauss %s, commit %s".formatted(found.get("krongauss"), found.get("commit"))
      };
    }
  }
}
