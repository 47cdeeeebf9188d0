package dev.krongauss.bench.problem;

import dev.krongauss.bench.Commands;
import dev.krongauss.bench.PlainFile;
import dev.krongauss.table.TableReader;
import dev.krongauss.table.Tabular;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** What {@link TableOptions} name, checked before a row is read. */
final class TableChecks {
  /** Options that mean nothing for data sets with a name. */
  private static final List<String> OF_TABLES =
      List.of(
          "--target",
          "--no-header",
          "--delimiter",
          "--task",
          "--keep",
          "--drop",
          "--category",
          "--holdout",
          "--holdout-by",
          "--in-order",
          "--header",
          "--positive",
          "--transposed",
          "--class-weights");

  /** Options of networks that are not the paper's. */
  private static final List<String> OF_NETWORKS = List.of("--hidden", "--activation");

  private final CommandLine command;
  private final TableOptions options;

  TableChecks(CommandLine command, TableOptions options) {
    this.command = command;
    this.options = options;
  }

  /** Empty if nothing is named. */
  Optional<Problem> problem() {
    if (options.inputsFile != null || options.targetsFile != null) {
      return Optional.of(pair());
    }
    if (SineProblem.NAME.equalsIgnoreCase(options.data)) {
      return Optional.of(sine());
    }
    Optional<PaperProblem> paper = paper();
    if (options.data == null || paper.isPresent()) {
      String name = paper.map(PaperProblem::toString).orElse("the data sets made here");
      requireNone(OF_TABLES, name);
      requireNone(OF_NETWORKS, name);
      return paper.map(Problem.class::cast);
    }
    Path file = Path.of(options.data);
    require(
        Files.exists(file),
        "--data %s: '%s' is not known and there is no such file; give the file of a table, or one"
            + " of %s",
        options.data,
        options.data,
        names());
    plain("--data", file);
    return Optional.of(table(file, Tabular.read(file)));
  }

  private Problem sine() {
    requireNone(OF_TABLES, SineProblem.NAME);
    try {
      return SineProblem.of(
          Optional.ofNullable(options.hidden).map(TableWords::hidden),
          TableWords.activation(options.activation));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(command, e.getMessage(), e);
    }
  }

  private void requireNone(List<String> tableOptions, String name) {
    for (String option : tableOptions) {
      require(
          !command.getParseResult().hasMatchedOption(option),
          "%s is for a table of your own, not for %s; leave it out, or give --data FILE",
          option,
          name);
    }
  }

  private Problem pair() {
    require(
        options.inputsFile != null && options.targetsFile != null,
        "%s: inputs and targets come as two files; give --inputs FILE and --targets FILE",
        options.inputsFile == null
            ? "--targets " + options.targetsFile
            : "--inputs " + options.inputsFile);
    require(
        options.data == null,
        "--data %s together with --inputs %s: there is one table; leave one of both out",
        options.data,
        options.inputsFile);
    for (Path file : List.of(options.inputsFile, options.targetsFile)) {
      plain(file.equals(options.inputsFile) ? "--inputs" : "--targets", file);
    }
    return table(options.inputsFile, Tabular.read(options.inputsFile, options.targetsFile));
  }

  private TableProblem table(Path file, TableReader reader) {
    require(
        options.holdout >= 0 && options.holdout < 1,
        "--holdout %s: it is a share of the rows; give 0 for none, or a number below 1, for example"
            + " --holdout 0.2",
        options.holdout);
    try {
      reader.heldOut(options.holdout);
      reader.keep(TableWords.names(options.keep));
      reader.drop(TableWords.names(options.drop));
      reader.category(TableWords.names(options.category));
      if (!options.targets.isEmpty()) {
        reader.target(TableWords.names(options.targets));
      }
      if (options.noHeader) {
        reader.noHeader();
      }
      if (options.delimiter != null) {
        reader.delimiter(TableWords.delimiter(options.delimiter));
      }
      if (!options.task.equalsIgnoreCase(TableWords.AUTO)) {
        reader.task(TableWords.task(options.task));
      }
      if (options.header) {
        reader.header();
      }
      if (options.positive != null) {
        reader.positive(options.positive);
      }
      if (options.inOrder) {
        reader.inOrder();
      }
      if (options.holdoutBy != null) {
        reader.heldOutBy(options.holdoutBy);
      }
      if (options.transposed) {
        reader.transposed();
      }
      if (options.classWeights != null) {
        reader.classWeights(options.classWeights);
      }
      return new TableProblem(
          command,
          file.getFileName().toString(),
          reader,
          Optional.ofNullable(options.hidden).map(TableWords::hidden),
          TableWords.activation(options.activation));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(command, OptionNames.in(e.getMessage()), e);
    }
  }

  private Optional<PaperProblem> paper() {
    for (PaperProblem each : PaperProblem.values()) {
      if (each.toString().equalsIgnoreCase(options.data)) {
        return Optional.of(each);
      }
    }
    return Optional.empty();
  }

  private static String names() {
    List<String> names = new ArrayList<>();
    for (PaperProblem each : PaperProblem.values()) {
      names.add(each.toString());
    }
    names.add(SineProblem.NAME);
    return String.join(", ", names);
  }

  private void plain(String option, Path file) {
    PlainFile.problem(file)
        .ifPresent(problem -> require(false, "%s %s: %s", option, file, problem));
  }

  private void require(boolean ok, String format, Object... values) {
    Commands.require(command, ok, format, values);
  }
}
