package dev.krongauss.bench;

import com.fasterxml.jackson.jr.ob.JSON;
import dev.krongauss.bench.kernels.DeviceFacts;
import dev.krongauss.data.Batches;
import dev.krongauss.data.DataException;
import dev.krongauss.data.Dataset;
import dev.krongauss.device.Device;
import dev.krongauss.device.DeviceException;
import dev.krongauss.net.Network;
import dev.krongauss.optim.Optimizer;
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
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Trains one autoencoder from one start with several optimisers. */
@Command(
    name = "bench/compare",
    mixinStandardHelpOptions = true,
    versionProvider = Compare.Version.class,
    sortOptions = false,
    usageHelpAutoWidth = true,
    description = {
      "Trains the same autoencoder from the same start on the same batches with several optimisers,"
          + " and writes their objectives against updates and seconds as CSV, pictures and a page.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  bench/compare",
      "  bench/compare --optimizers kfra,adam --updates 30 --out first-run",
      "  bench/compare --data mnist --data-dir ~/mnist --seconds 120",
      "",
      "Exit codes: 0 done, 1 data, device or disk failed, 2 wrong options."
    })
final class Compare implements Callable<Integer> {
  /** The project's folder, set by the script. */
  static final String HOME_PROPERTY = "krongauss.home";

  private static final DateTimeFormatter FOLDER_TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd-HHmmss", Locale.ROOT);

  @Spec private CommandSpec spec;
  @Mixin private CompareOptions options;

  private final List<String> arguments;
  private final Path home = Path.of(System.getProperty(HOME_PROPERTY, "")).toAbsolutePath();
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
    System.exit(commandLine(arguments).execute(arguments));
  }

  static CommandLine commandLine(String... arguments) {
    return new CommandLine(new Compare(List.of(arguments)))
        .setParameterExceptionHandler(Compare::wrongOption)
        .setExecutionExceptionHandler(Compare::failed);
  }

  @Override
  public Integer call() throws IOException {
    options.complete(spec.commandLine());
    Path out = options.out == null ? defaultFolder() : options.out;
    String obstacle = RunFolder.obstacle(out, options.force);
    if (obstacle != null) {
      throw new ParameterException(spec.commandLine(), obstacle);
    }
    Dataset data = load();
    if (options.device != null) {
      System.setProperty("krongauss.device", options.device.toString());
    }
    Autoencoder shape = Autoencoder.of(data.inputWidth(), options.scale);
    try (Device device = Device.open();
        RunFolder folder = RunFolder.create(out)) {
      writeConfig(folder, device, data, shape);
      List<Curve> curves = new ArrayList<>();
      // Empty at first: whatever could keep results from being written fails before an hour of
      // training, not after it.
      writeResults(folder, device, shape, curves);
      for (OptimizerKind kind : options.optimizers) {
        curves.add(train(kind, device, data, shape, folder));
        writeResults(folder, device, shape, curves);
      }
      System.out.print(SummaryTable.text(curves));
      System.out.println("run folder: " + out.toAbsolutePath().normalize());
    }
    return CommandLine.ExitCode.OK;
  }

  private Dataset load() throws IOException {
    Dataset data = options.data.load(options.dataDir, options.dataSeed);
    if (options.batch > data.size()) {
      throw new ParameterException(
          spec.commandLine(),
          "--batch %s: %s has only %,d rows; try --batch %s"
              .formatted(options.batch, data.name(), data.size(), options.data.defaultBatch()));
    }
    return data;
  }

  /** Every optimiser gets a network and batches of its own, equal to the others' by their seed. */
  private Curve train(
      OptimizerKind kind, Device device, Dataset data, Autoencoder shape, RunFolder folder) {
    Curve curve = new Curve(kind);
    long maxUpdates = options.updates == null ? Long.MAX_VALUE : options.updates;
    double maxSeconds = options.seconds == null ? Double.POSITIVE_INFINITY : options.seconds;
    Training training = new Training(maxUpdates, maxSeconds);
    try (Network network = shape.build(device, options.seed);
        Batches batches = Batches.of(device, data, options.batch, options.seed);
        Optimizer optimizer = kind.build(network, options.data.loss(), options.learningRate(kind));
        Progress progress = new Progress(kind.toString())) {
      training.run(
          Training.updates(optimizer, batches),
          curve,
          point -> {
            folder.write(kind, point);
            progress.show(training.progress(point), curve);
          });
    }
    return curve;
  }

  /** After each optimiser, so that a run that is interrupted has shown what it finished. */
  private void writeResults(RunFolder folder, Device device, Autoencoder shape, List<Curve> curves)
      throws IOException {
    folder.writeSummary(curves);
    if (options.noPictures) {
      return;
    }
    String title = "%s, %s, batch %d".formatted(options.data, shape, options.batch);
    for (Picture picture : Picture.values()) {
      picture.write(folder, title, curves);
    }
    Page.write(
        folder,
        title,
        "Autoencoder, tanh, linear output, %,d parameters; %s; seed %d."
            .formatted(shape.parameters(), options.data.lossName(), options.seed),
        command(),
        "%s, %s".formatted(device, start.format(DateTimeFormatter.ISO_LOCAL_DATE)),
        curves);
  }

  private void writeConfig(RunFolder folder, Device device, Dataset data, Autoencoder shape)
      throws IOException {
    Map<String, Object> learningRates = new LinkedHashMap<>();
    options.optimizers.stream()
        .filter(OptimizerKind::hasLearningRate)
        .forEach(kind -> learningRates.put(kind.toString(), options.learningRate(kind)));
    Map<String, Object> config = new LinkedHashMap<>();
    config.put("command", command());
    config.put("started", start.format(DateTimeFormatter.ISO_OFFSET_DATE_TIME));
    config.put("options", options.asMap());
    config.put("learningRates", learningRates);
    config.put("rows", data.size());
    config.put("loss", options.data.lossName());
    config.put("layers", shape.sizes());
    config.put("parameters", shape.parameters());
    config.put("device", device.toString());
    config.put("deviceFacts", new DeviceFacts(device).asMap());
    config.put("environment", new Environment(home).asMap());
    String json =
        JSON.std
            .with(JSON.Feature.PRETTY_PRINT_OUTPUT, JSON.Feature.WRITE_NULL_PROPERTIES)
            .asString(config);
    Files.writeString(folder.file(RunFolder.CONFIG), json + "\n");
  }

  private Path defaultFolder() {
    String name =
        "%s-%s-%s"
            .formatted(
                start.format(FOLDER_TIME),
                options.data,
                options.optimizers.stream()
                    .map(OptimizerKind::toString)
                    .collect(Collectors.joining("-")));
    return home.resolve("bench/out").resolve(name);
  }

  private String command() {
    return ("bench/compare " + String.join(" ", arguments)).trim();
  }

  private static int wrongOption(ParameterException e, String[] arguments) {
    CommandLine command = e.getCommandLine();
    command.getErr().println("bench/compare: " + e.getMessage());
    CommandLine.UnmatchedArgumentException.printSuggestions(e, command.getErr());
    command.getErr().println("bench/compare --help explains every option.");
    return CommandLine.ExitCode.USAGE;
  }

  /** What a user can meet is said in one message; anything else is ours and shows its trace. */
  private static int failed(Exception e, CommandLine command, CommandLine.ParseResult result) {
    if (e instanceof DataException || e instanceof DeviceException) {
      command.getErr().println("bench/compare: " + e.getMessage());
    } else if (e instanceof IOException) {
      command.getErr().println("bench/compare: cannot read or write: " + e);
    } else {
      e.printStackTrace(command.getErr());
    }
    return CommandLine.ExitCode.SOFTWARE;
  }

  /** The version of the project that this was built from. */
  static final class Version implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() throws IOException {
      Path home = Path.of(System.getProperty(HOME_PROPERTY, "")).toAbsolutePath();
      Map<String, Object> found = new Environment(home).asMap();
      return new String[] {
        "krongauss %s, commit %s".formatted(found.get("krongauss"), found.get("commit"))
      };
    }
  }
}
