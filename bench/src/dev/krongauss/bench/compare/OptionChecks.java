package dev.krongauss.bench.compare;

import dev.krongauss.bench.Commands;
import dev.krongauss.bench.page.Curve;
import dev.krongauss.bench.peers.PeerChoice;
import dev.krongauss.bench.problem.Contender;
import dev.krongauss.bench.problem.DataFolder;
import dev.krongauss.bench.problem.OptimizerKind;
import dev.krongauss.bench.problem.PaperNetwork;
import dev.krongauss.bench.problem.Problem;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** Fills in the defaults of {@link CompareOptions} that depend on other options, and checks all. */
final class OptionChecks {
  private static final double DEFAULT_SECONDS = 60;
  private static final long DEFAULT_GRID_UPDATES = 200;
  private static final long PAPER_UPDATES = 5_000;
  private static final int PAPER_BATCH = 1000;
  private static final String PAPER_OPTIMIZERS =
      "kfra:paper,kfac:paper,kfra,kfac,adam,muon,sgd,momentum,nesterov";

  private final CommandLine command;
  private final CompareOptions options;
  private final Path home;
  private final Map<String, String> environment;

  private OptionChecks(
      CommandLine command, CompareOptions options, Path home, Map<String, String> environment) {
    this.command = command;
    this.options = options;
    this.home = home;
    this.environment = environment;
  }

  /**
   * Completes and checks.
   *
   * @param home the project's folder
   * @param environment variables of the process
   * @throws ParameterException with the value, the cause and the way out
   */
  static void complete(
      CommandLine command, CompareOptions options, Path home, Map<String, String> environment) {
    OptionChecks checks = new OptionChecks(command, options, home, environment);
    if (options.paper) {
      checks.paper();
    }
    checks.fillIn();
    checks.numbers();
    checks.dataFolder();
    checks.contenders();
    checks.gridOptions();
    checks.peers();
  }

  /** Defaults of {@code --paper}; what was given stays. */
  private void paper() {
    if (options.scale == null) {
      options.scale = 1.0;
    }
    if (options.batch == null) {
      options.batch = PAPER_BATCH;
    }
    if (options.updates == null && options.seconds == null) {
      options.updates = PAPER_UPDATES;
    }
    if (!given("--optimizers")) {
      String second = options.data == Problem.ODDEVEN ? "kflr:paper,kflr," : "";
      options.optimizers = List.of((second + PAPER_OPTIMIZERS).split(","));
    }
    if (!given("--averages")) {
      options.averages = Averages.BOTH;
    }
    options.grid.on = options.optimizers.stream().map(this::parsed).anyMatch(Contender::firstOrder);
    if (options.grid.updates == null && options.updates != null) {
      options.grid.updates = Math.max(Curve.WINDOW, options.updates);
    }
  }

  private boolean given(String option) {
    return command.getParseResult().hasMatchedOption(option);
  }

  private void fillIn() {
    if (options.updates == null && options.seconds == null) {
      options.seconds = DEFAULT_SECONDS;
    }
    if (options.batch == null) {
      options.batch = options.data.defaultBatch();
    }
    if (options.scale == null) {
      options.scale = options.data.defaultScale();
    }
    if (options.grid.scale == null) {
      options.grid.scale = options.scale;
    }
    if (options.grid.updates == null) {
      options.grid.updates =
          options.updates == null
              ? DEFAULT_GRID_UPDATES
              : Long.valueOf(Math.min(DEFAULT_GRID_UPDATES, options.updates));
    }
  }

  private void numbers() {
    require(
        options.updates == null || options.updates >= 1,
        "--updates %s: at least one update is needed; give a number from 1 on",
        options.updates);
    require(
        options.seconds == null || positive(options.seconds),
        "--seconds %s: the time must be positive; give seconds, for example --seconds 60",
        options.seconds);
    require(
        options.batch >= 1,
        "--batch %s: a mini-batch needs at least one row; try --batch %s",
        options.batch,
        options.data.defaultBatch());
    scale("--scale", options.scale);
    scale("--grid-scale", options.grid.scale);
    require(
        options.learningRate == null || positive(options.learningRate),
        "--learning-rate %s: it must be a positive number, for example --learning-rate 1e-3",
        options.learningRate);
    require(
        options.seeds >= 1,
        "--seeds %s: at least one seed is needed; give a number from 1 on",
        options.seeds);
    require(
        options.seed <= Long.MAX_VALUE - options.seeds,
        "--seed %s: there are no --seeds %s numbers from it on; give a smaller one",
        options.seed,
        options.seeds);
    require(
        options.updates == null || !options.grid.on || options.updates <= Integer.MAX_VALUE,
        "--updates %s: with --grid at most %s, of which halvings are a share",
        options.updates,
        Integer.MAX_VALUE);
    require(
        options.checkpointSeconds >= 0 && options.checkpointSeconds < Double.POSITIVE_INFINITY,
        "--checkpoint-seconds %s: give seconds between checkpoints, or 0 for none",
        options.checkpointSeconds);
  }

  private void scale(String option, double value) {
    require(
        value > 0 && value <= PaperNetwork.MOST_SCALE,
        "%s %s: the hidden widths cannot be multiplied by this; give a number above 0 and up to"
            + " %.0f, for example %s %s",
        option,
        value,
        PaperNetwork.MOST_SCALE,
        option,
        options.data.defaultScale());
  }

  private void dataFolder() {
    options.dataDir = DataFolder.find(command, options.data, options.dataDir, home, environment);
  }

  private void contenders() {
    Set<Contender> all = new LinkedHashSet<>();
    for (String text : options.optimizers) {
      Contender named = parsed(text);
      if (options.learningRate != null && named.firstOrder() && !text.contains("rate=")) {
        named = named.withRate(options.learningRate, named.halveEvery());
      }
      for (Contender each : averaged(named)) {
        require(all.add(each), "--optimizers names %s twice; name each setting once", each.label());
      }
    }
    options.contenders = List.copyOf(all);
    require(
        options.learningRate == null || anyFirstOrder(),
        "--learning-rate %s has no effect on %s; leave it out, or add adam, muon, sgd, momentum"
            + " or nesterov to --optimizers",
        options.learningRate,
        options.optimizers);
  }

  private List<Contender> averaged(Contender named) {
    if (named.firstOrder() || options.averages == Averages.ON) {
      return List.of(named);
    }
    List<Contender> both = new ArrayList<>();
    if (options.averages == Averages.BOTH) {
      both.add(named.withAverage(true));
    }
    both.add(named.withAverage(false));
    return both;
  }

  private Contender parsed(String text) {
    return Contender.parse(command, text);
  }

  private void gridOptions() {
    GridOptions grid = options.grid;
    require(
        !grid.on || options.contenders.stream().allMatch(OptionChecks::hasGrid),
        "--grid tunes muon with scale=spectral only; leave scale=rms out, or run it without --grid"
            + " at several rates");
    require(
        !grid.on || anyFirstOrder(),
        "--grid tunes first-order methods, but %s has none; leave it out, or add adam",
        options.optimizers);
    for (String option : Arrays.asList("--grid-updates", "--grid-scale", "--grid-best")) {
      require(grid.on || !given(option), "%s has no effect without --grid", option);
    }
    require(
        !grid.on || grid.updates >= Curve.WINDOW,
        "--grid-updates %s: settings are ranked by the mean of the last %s; give at least so many",
        grid.updates,
        Curve.WINDOW);
    int settings = Grid.settings(OptimizerKind.ADAM).size();
    require(
        grid.best >= 1 && grid.best <= settings,
        "--grid-best %s: the grid has %s settings; give 1 to %s",
        grid.best,
        settings,
        settings);
  }

  private void peers() {
    List<PeerChoice> peers = new ArrayList<>();
    for (String name : options.peerNames) {
      try {
        peers.addAll(PeerChoice.parse(name));
      } catch (IllegalArgumentException e) {
        throw new ParameterException(command, "--peer: " + e.getMessage(), e);
      }
    }
    options.peers = List.copyOf(peers);
    require(
        options.peers.isEmpty() || options.data != Problem.ODDEVEN,
        "--peer %s: the peers train autoencoders only; leave it out, or take other --data",
        options.peers);
    require(
        options.peers.stream().distinct().count() == options.peers.size(),
        "--peer %s names one twice; name each once",
        options.peers);
  }

  private static boolean hasGrid(Contender contender) {
    return contender.scale() == Contender.of(contender.kind()).scale();
  }

  private boolean anyFirstOrder() {
    return options.contenders.stream().anyMatch(Contender::firstOrder);
  }

  private static boolean positive(double value) {
    return value > 0 && value < Double.POSITIVE_INFINITY;
  }

  private void require(boolean ok, String format, Object... values) {
    Commands.require(command, ok, format, values);
  }
}
