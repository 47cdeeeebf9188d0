package dev.krongauss.bench.compare;

import dev.krongauss.bench.Commands;
import dev.krongauss.bench.page.Curve;
import dev.krongauss.bench.peers.PeerChoice;
import dev.krongauss.bench.problem.Contender;
import dev.krongauss.bench.problem.DataFolder;
import dev.krongauss.bench.problem.NetworkShape;
import dev.krongauss.bench.problem.PaperProblem;
import dev.krongauss.bench.problem.Problem;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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

  /** A table mostly has few outputs, for which KFLR is made. */
  private static final String TABLE_OPTIMIZERS = "kflr,kfra,adam";

  /** A fit without noise is the exact step's use. */
  private static final String SINE_OPTIMIZERS = "exact,kflr,adam";

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
    Problem named = options.table.problem(command).orElse(PaperProblem.CURVES);
    options.data = options.sine.sized(command, named);
    if (!options.data.isThePapers()) {
      checks.notThePapers();
    }
    if (options.paper) {
      checks.paper();
    }
    checks.fillIn();
    checks.numbers();
    checks.evaluation();
    checks.dataFolder();
    new ContenderChecks(command, options).all();
    checks.peers();
    options.ranks.check(command, options, environment);
  }

  /**
   * Other data have a network and a batch of their own, and the paper's algorithm is no default
   * there.
   */
  private void notThePapers() {
    boolean table = options.data.isTable();
    String kind = table ? "a table" : "generated";
    for (String option : List.of("--scale", "--grid-scale")) {
      require(
          !given(option),
          "%s is for the paper's networks, and %s is %s; say --hidden %s instead",
          option,
          options.data,
          kind,
          table ? "100,50" : "20,20");
    }
    require(
        !options.paper,
        "--paper is the paper's comparison, and %s is %s; leave it out",
        options.data,
        kind);
    require(
        !given("--data-dir"),
        "--data-dir %s: %s is %s; leave it out",
        options.dataDir,
        options.data,
        table ? "a file of its own" : kind);
    if (!given("--optimizers")) {
      options.optimizers = List.of((table ? TABLE_OPTIMIZERS : SINE_OPTIMIZERS).split(","));
    }
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
      String second = options.data == PaperProblem.ODDEVEN ? "kflr:paper,kflr," : "";
      options.optimizers = List.of((second + PAPER_OPTIMIZERS).split(","));
    }
    if (!given("--averages")) {
      options.averages = Averages.BOTH;
    }
    options.grid.on =
        options.optimizers.stream()
            .map(text -> Contender.parse(command, text))
            .anyMatch(Contender::firstOrder);
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
    if (options.data instanceof PaperProblem paper) {
      options.batch = options.batch == null ? Integer.valueOf(paper.defaultBatch()) : options.batch;
      options.scale = options.scale == null ? Double.valueOf(paper.defaultScale()) : options.scale;
    } else {
      options.scale = 1.0; // the batch is known with the rows
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
        options.batch == null || options.batch >= 1,
        "--batch %s: a mini-batch needs at least one row; leave it out for the default",
        options.batch);
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
        value > 0 && value <= NetworkShape.MOST_SCALE,
        "%s %s: the hidden widths cannot be multiplied by this; give a number above 0 and up to"
            + " %.0f, for example %s 1",
        option,
        value,
        NetworkShape.MOST_SCALE,
        option);
  }

  private void evaluation() {
    EvaluationOptions evaluation = options.evaluation;
    require(
        evaluation.every == null || evaluation.every >= 1,
        "--evaluate-every %s: give updates between evaluations, from 1 on",
        evaluation.every);
    require(
        evaluation.patience == null || evaluation.patience >= 1,
        "--patience %s: give evaluations without a better one, from 1 on",
        evaluation.patience);
  }

  private void dataFolder() {
    if (options.data instanceof PaperProblem paper) {
      options.dataDir = DataFolder.find(command, paper, options.dataDir, home, environment);
    }
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
        options.peers.isEmpty() || options.data != PaperProblem.ODDEVEN,
        "--peer %s: no peer has the mixture loss of oddeven; leave it out, or take other --data",
        options.peers);
    require(
        options.peers.stream().distinct().count() == options.peers.size(),
        "--peer %s names one twice; name each once",
        options.peers);
  }

  private static boolean positive(double value) {
    return value > 0 && value < Double.POSITIVE_INFINITY;
  }

  private void require(boolean ok, String format, Object... values) {
    Commands.require(command, ok, format, values);
  }
}
