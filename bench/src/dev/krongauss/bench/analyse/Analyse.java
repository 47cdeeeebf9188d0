package dev.krongauss.bench.analyse;

import dev.krongauss.bench.Commands;
import dev.krongauss.device.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The paper's statements and analyses, measured and written as one page. */
@Command(
    name = "bench/analyse",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    usageHelpAutoWidth = true,
    description = {
      "Measures the statements and analyses of the paper on small networks, and writes them as one page with CSV files"
          + " and pictures: exact blocks, Fisher, ranks, KFAC's sampling, error surfaces, alignment with the exact"
          + " Gauss-Newton step. Minutes on two cores; needs no data and no GPU.",
      ""
    },
    footer = {"", "Exit codes: 0 done, 1 device or disk failed, 2 wrong options."})
final class Analyse implements Callable<Integer> {
  private static final List<Analysis> ALL =
      List.of(
          new ExactBlocks(),
          new FisherMatrix(),
          new Ranks(),
          new SampledFactor(),
          new ErrorSurfaces(),
          new Alignment());

  @Spec private CommandSpec spec;

  @Option(names = "--out", paramLabel = "DIR", description = "New or empty folder of the page.")
  private Path out;

  @Option(names = "--quick", description = "A look in seconds: fewer updates, samples, points.")
  private boolean quick;

  @Option(
      names = "--exact-budget",
      paramLabel = "MIB",
      defaultValue = "" + Scale.EXACT_MEBIBYTES,
      description =
          "Device memory up to which the exact step comes from the factorised matrix; where it takes more, from"
              + " conjugate gradients, and with 0 always. Default: ${DEFAULT-VALUE} MiB.")
  private int exactBudget;

  /** The command; see {@code --help}. */
  public static void main(String[] arguments) {
    System.setProperty("java.awt.headless", "true");
    System.exit(commandLine().execute(arguments));
  }

  static CommandLine commandLine() {
    return Commands.configure(new CommandLine(new Analyse()));
  }

  @Override
  public Integer call() throws IOException {
    LocalDateTime start = LocalDateTime.now();
    Path folder = out != null ? out : Path.of("analysis-" + time(start, "yyyy-MM-dd-HHmmss"));
    Commands.require(
        spec.commandLine(),
        !Files.exists(folder) || empty(folder),
        "--out %s is not an empty folder; give another",
        folder);
    Commands.require(
        spec.commandLine(),
        exactBudget >= 0,
        "--exact-budget %d is negative; give MiB, or 0 for conjugate gradients alone",
        exactBudget);
    Files.createDirectories(folder);
    Sheet sheet = new Sheet(folder);
    Scale scale = (quick ? Scale.QUICK : Scale.FULL).withExactMebibytes(exactBudget);
    String command =
        "bench/analyse"
            + (quick ? " --quick" : "")
            + (exactBudget == Scale.EXACT_MEBIBYTES ? "" : " --exact-budget " + exactBudget);
    try (Device device = Device.open()) {
      String where = device + ", " + time(start, "yyyy-MM-dd");
      for (Analysis analysis : ALL) {
        System.err.println(analysis.title() + " ...");
        sheet.heading(analysis.title());
        analysis.run(device, scale, sheet);
        sheet.write("Statements and analyses of the paper", command, where);
      }
    }
    System.out.println("page: " + folder.resolve(Sheet.PAGE).toAbsolutePath().normalize());
    return CommandLine.ExitCode.OK;
  }

  private static boolean empty(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return false;
    }
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.findAny().isEmpty();
    }
  }

  private static String time(LocalDateTime time, String pattern) {
    return DateTimeFormatter.ofPattern(pattern, Locale.ROOT).format(time);
  }
}
