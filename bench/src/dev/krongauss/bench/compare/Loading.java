package dev.krongauss.bench.compare;

import dev.krongauss.bench.Commands;
import dev.krongauss.bench.problem.Contender;
import dev.krongauss.bench.problem.NetworkShape;
import dev.krongauss.bench.problem.ProblemData;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** Reads what is trained, and checks the options that depend on its rows. */
final class Loading {
  private final CommandLine command;
  private final CompareOptions options;

  Loading(CommandLine command, CompareOptions options) {
    this.command = command;
    this.options = options;
  }

  /**
   * The rows; {@code --batch} is filled in.
   *
   * @throws ParameterException if a table cannot be trained on as the options say, or an option
   *     does not fit the rows
   * @throws dev.krongauss.data.DataException if a file of the paper's data is missing or another
   * @throws IOException if a file cannot be read
   */
  ProblemData rows() throws IOException {
    ProblemData rows = options.data.load(options.dataDir, options.dataSeed);
    int count = rows.training().size();
    if (options.batch == null) {
      options.batch = rows.defaultBatch();
    }
    require(
        options.batch <= count,
        "--batch %s: %s has only %,d rows to train on; try --batch %s",
        options.batch,
        options.data,
        count,
        Math.min(count, rows.defaultBatch()));
    for (Contender each : options.contenders) {
      String obstacle = each.obstacle(rows.network(options.scale), options.batch, rows.loss());
      require(obstacle.isEmpty(), "--optimizers: %s", obstacle);
    }
    require(
        rows.heldOut().isPresent()
            || options.evaluation.every == null && options.evaluation.patience == null,
        "%s has no effect, as no rows are held out; leave it out, or give --holdout 0.2",
        options.evaluation.patience == null ? "--evaluate-every" : "--patience");
    return rows;
  }

  /**
   * For a table: what was found in it, what is trained, and the command with everything that was
   * decided; empty for the paper's data.
   *
   * @param arguments as typed
   */
  String announcement(ProblemData rows, List<String> arguments) {
    if (rows.table().isEmpty()) {
      return "";
    }
    NetworkShape shape = rows.network(1);
    String summary = rows.tableSummary().orElseThrow().stripTrailing();
    return String.format(
        Locale.ROOT,
        "%s%nnetwork: %s, %s, %,d parameters; %s; batches of %,d%nrepeat it: %s%n%n",
        summary,
        shape,
        shape.activation(),
        shape.parameters(),
        rows.lossName(),
        options.batch,
        repeat(rows, arguments));
  }

  /** The command with the values of the options that were not given but found. */
  private String repeat(ProblemData rows, List<String> arguments) {
    Map<String, String> found = new LinkedHashMap<>(options.table.inForce(rows));
    found.put("--batch", Integer.toString(options.batch));
    found.put("--seed", Long.toString(options.seed));
    found.put("--data-seed", Long.toString(options.dataSeed));
    if (options.seconds != null) {
      found.put("--seconds", Double.toString(options.seconds));
    }
    List<String> all = new ArrayList<>(arguments);
    found.forEach(
        (name, value) -> {
          if (!command.getParseResult().hasMatchedOption(name)) {
            all.addAll(List.of(name, value));
          }
        });
    return Commands.line("bench/compare", all);
  }

  private void require(boolean ok, String format, Object... values) {
    Commands.require(command, ok, format, values);
  }
}
