package dev.krongauss.bench.kernels;

import dev.krongauss.bench.Commands;
import dev.krongauss.bench.run.Environment;
import dev.krongauss.bench.run.JsonFile;
import dev.krongauss.device.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code bench/kernels}: times every kernel case on the device, with events. */
@Command(
    name = "bench/kernels",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    usageHelpAutoWidth = true,
    description = {
      "Times the kernel cases with events: median, GB/s, TFLOP/s, per cent of the device's"
          + " roofline, beside cuBLAS and cuSOLVER where they load. Prints a table, writes JSON.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  bench/kernels",
      "  bench/kernels matmul/nn gram",
      "",
      "Exit codes: 0 done, 1 the device or the disk failed, 2 wrong options."
    })
final class BenchKernels implements Callable<Integer> {
  private static final DateTimeFormatter FILE_TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd-HHmmss", Locale.ROOT);

  /** Which sizes are timed. */
  enum Sizes {
    TINY,
    PAPER;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "CASE", description = "Beginnings of names of cases. Default: all.")
  private List<String> prefixes = new ArrayList<>();

  @Option(
      names = "--device",
      paramLabel = "KIND",
      description = "cuda or software. Default: a GPU if there is one, else SoftCUDA.")
  private String kind;

  @Option(
      names = "--sizes",
      paramLabel = "WHICH",
      description =
          "paper (those of the paper's autoencoder) or tiny (small test sizes). Default: paper on a"
              + " GPU, tiny on SoftCUDA.")
  private Sizes sizes;

  @Option(
      names = "--launches",
      paramLabel = "N",
      description = "Timed launches of each case. Default: 100 on a GPU, 3 on SoftCUDA.")
  private Integer launches;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "0.5",
      description =
          "About so long for each measurement, but five launches. Default: ${DEFAULT-VALUE}.")
  private double seconds = 0.5;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "The JSON file. Default: bench/out/<time>-kernels.json in the project.")
  private Path out;

  private final List<String> arguments;
  private final OffsetDateTime begin = OffsetDateTime.now();
  private final Path home = Commands.home();

  private BenchKernels(List<String> arguments) {
    this.arguments = arguments;
  }

  /**
   * The command.
   *
   * @param arguments see {@code --help}
   */
  public static void main(String[] arguments) {
    System.exit(commandLine(arguments).execute(arguments));
  }

  static CommandLine commandLine(String... arguments) {
    return Commands.configure(new CommandLine(new BenchKernels(List.of(arguments))))
        .setCaseInsensitiveEnumValuesAllowed(true);
  }

  @Override
  public Integer call() throws IOException {
    require(
        launches == null || launches >= 1,
        "--launches %s: at least one is needed; give a number from 1 on",
        launches);
    require(
        kind == null || List.of("cuda", "software").contains(kind),
        "--device %s: give cuda or software",
        kind);
    require(
        !KernelBench.items(prefixes, true).isEmpty(),
        "no case that is timed begins with one of %s; bench/count with a wrong name lists all",
        prefixes);
    if (kind != null) {
      System.setProperty("krongauss.device", kind);
    }
    try (Device device = Device.open()) {
      boolean tiny = sizes == null ? device.isSoftware() : sizes == Sizes.TINY;
      int count = launches != null ? launches : device.isSoftware() ? 3 : 100;
      Path file = out != null ? out : defaultFile();
      if (file.toAbsolutePath().getParent() != null) {
        Files.createDirectories(file.toAbsolutePath().getParent());
      }
      run(device, tiny, count, file);
    }
    return CommandLine.ExitCode.OK;
  }

  private void run(Device device, boolean tiny, int count, Path file) throws IOException {
    System.out.println(KernelBench.heading(device.isSoftware()));
    try (KernelBench bench = new KernelBench(device, count, seconds)) {
      Map<String, Object> result = head(device);
      List<Map<String, Object>> rows = new ArrayList<>();
      result.put("rows", rows);
      for (KernelBench.Item item : KernelBench.items(prefixes, tiny)) {
        for (Map<String, Object> row : bench.measure(item)) {
          rows.add(row);
          System.out.println(KernelBench.line(row));
        }
        JsonFile.replace(file, result); // a run that is killed keeps what it had
      }
    }
    System.out.println(KernelBench.explanation());
    System.out.println("written: " + file.toAbsolutePath().normalize());
  }

  private Map<String, Object> head(Device device) throws IOException {
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("command", ("bench/kernels " + String.join(" ", arguments)).trim());
    result.put("started", begin.format(DateTimeFormatter.ISO_OFFSET_DATE_TIME));
    if (device.isSoftware()) {
      result.put("note", "SoftCUDA executed this on the CPU: its times say nothing about a GPU");
    }
    result.put("device", KernelBench.facts(device));
    result.put("environment", new Environment(home).asMap());
    return result;
  }

  private Path defaultFile() {
    return home.resolve("bench/out").resolve(begin.format(FILE_TIME) + "-kernels.json");
  }

  private void require(boolean ok, String format, Object... values) {
    Commands.require(spec.commandLine(), ok, format, values);
  }
}
