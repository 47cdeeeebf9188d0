package dev.krongauss.bench.problem;

import dev.krongauss.table.Column;
import dev.krongauss.table.ColumnPlan;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/**
 * What is trained: a data set by its name, or a table of one's own with its targets, its network
 * and the rows that are held out.
 */
public final class TableOptions {
  @Option(
      names = "--data",
      paramLabel = "NAME|FILE",
      order = 1,
      description =
          "What is trained: a table of your own (CSV or TSV with --target, libsvm; plain or .gz)."
              + " bench/compare takes the paper's data too, by name: curves (its default,"
              + " generated, no download), mnist, faces, oddeven (MNIST's digits into odd and even"
              + " ones, a mixture of two classifiers), see its --data-dir; and sine, a smooth"
              + " function without noise, generated.")
  String data;

  @Option(
      names = "--target",
      paramLabel = "NAME",
      split = ",",
      order = 1,
      description =
          "The table's columns that are to be predicted, by name or, without a header, by number"
              + " from 1: several of numbers, or one of numbers or classes; a name with a comma as '\"a,b\"'. Default:"
              + " the last one.")
  List<String> targets = new ArrayList<>();

  @Option(
      names = "--inputs",
      paramLabel = "FILE",
      order = 1,
      description =
          "Instead of --data: inputs as .npy or IDX (images, as MNIST's), with --targets FILE.")
  Path inputsFile;

  @Option(
      names = "--targets",
      paramLabel = "FILE",
      order = 1,
      description = "Targets of --inputs, of the same format.")
  Path targetsFile;

  @Option(
      names = "--no-header",
      order = 1,
      description = "The table's first line is a row; its columns are numbered from 1.")
  boolean noHeader;

  @Option(
      names = "--header",
      order = 1,
      description = "The table's first line is a header though it consists of numbers.")
  boolean header;

  @Option(
      names = "--delimiter",
      paramLabel = "CHAR",
      order = 1,
      description =
          "What separates the table's fields: one character, or comma, semicolon, tab. Default: found"
              + " in the first lines.")
  String delimiter;

  @Option(
      names = "--task",
      paramLabel = "KIND",
      defaultValue = "auto",
      order = 1,
      description =
          "regression, binary (one class of two), classes, or auto: found in the target, and said."
              + " Default: ${DEFAULT-VALUE}.")
  String task = TableWords.AUTO;

  @Option(
      names = "--positive",
      paramLabel = "VALUE",
      order = 1,
      description = "Of two classes the one whose probability is learnt. Default: the second.")
  String positive;

  @Option(
      names = "--keep",
      paramLabel = "NAME",
      split = ",",
      order = 1,
      description = "Columns that look like identifiers and are inputs all the same.")
  List<String> keep = new ArrayList<>();

  @Option(
      names = "--drop",
      paramLabel = "NAME",
      split = ",",
      order = 1,
      description = "Columns that are no inputs.")
  List<String> drop = new ArrayList<>();

  @Option(
      names = "--category",
      paramLabel = "NAME",
      split = ",",
      order = 1,
      description = "Columns of numbers that are categories, as codes are.")
  List<String> category = new ArrayList<>();

  @Option(
      names = "--hidden",
      paramLabel = "WIDTHS",
      order = 1,
      description =
          "Units of a table's hidden layers, as 100,50; none for a linear model. Default: 100,50"
              + " behind fewer than 100 inputs, else 500,250; 20,20 for sine.")
  String hidden;

  @Option(
      names = "--activation",
      paramLabel = "NAME",
      defaultValue = "tanh",
      order = 1,
      description =
          "Of a table's hidden layers: tanh, relu, logistic, softplus or leaky_relu:SLOPE. Default:"
              + " ${DEFAULT-VALUE}.")
  String activation = "tanh";

  @Option(
      names = "--holdout",
      paramLabel = "SHARE",
      defaultValue = "0.2",
      order = 1,
      description =
          "Share of a table's rows that are not trained on and judge what was learnt; 0 for none."
              + " Default: ${DEFAULT-VALUE}.")
  double holdout = 0.2;

  @Option(
      names = "--holdout-by",
      paramLabel = "NAME",
      order = 1,
      description =
          "Hold out whole values of a column, as persons or days, whose rows belong together; the"
              + " column is no input then.")
  String holdoutBy;

  @Option(
      names = "--in-order",
      order = 1,
      description = "Hold out the table's last rows, as time series want it, not random ones.")
  boolean inOrder;

  @Option(
      names = "--transposed",
      order = 1,
      description = "IDX images lie on their side, as EMNIST's.")
  boolean transposed;

  @Option(
      names = "--class-weights",
      paramLabel = "WEIGHTS",
      order = 1,
      description = "Weights of the classes in the loss: balanced, or by name, as yes=2,no=1.")
  String classWeights;

  /**
   * What the options name, checked as far as it can be without reading a row; empty if they name
   * nothing.
   *
   * @param command to complain by
   * @throws CommandLine.ParameterException with the value, the cause and the way out
   */
  public Optional<Problem> problem(CommandLine command) {
    return new TableChecks(command, this).problem();
  }

  /** The file of {@code --data}, where that is no name and there is one. */
  public Optional<Path> file() {
    return Optional.ofNullable(data).map(Path::of);
  }

  /** The files that rows are read from. */
  public List<Path> files() {
    return Stream.of(file().orElse(null), inputsFile, targetsFile)
        .filter(Objects::nonNull)
        .toList();
  }

  /** Every option with the value that is in force. */
  public Map<String, Object> asMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("data", data == null && inputsFile == null ? PaperProblem.CURVES.toString() : data);
    map.put("target", targets);
    map.put("inputs", text(inputsFile));
    map.put("targets", text(targetsFile));
    map.put("no-header", noHeader);
    map.put("header", header);
    map.put("delimiter", delimiter);
    map.put("task", task);
    map.put("positive", positive);
    map.put("keep", keep);
    map.put("drop", drop);
    map.put("category", category);
    map.put("hidden", hidden);
    map.put("activation", activation);
    map.put("holdout", holdout);
    map.put("holdout-by", holdoutBy);
    map.put("in-order", inOrder);
    map.put("transposed", transposed);
    map.put("class-weights", classWeights);
    return map;
  }

  /** What a table's defaults came to, as options that say so; empty for the paper's data sets. */
  public Map<String, String> inForce(ProblemData rows) {
    Map<String, String> map = new LinkedHashMap<>();
    rows.table()
        .ifPresent(
            table -> {
              int[] sizes = rows.network(1).sizes();
              List<String> widths = new ArrayList<>();
              for (int l = 1; l < sizes.length - 1; l++) {
                widths.add(Integer.toString(sizes[l]));
              }
              if (data != null) {
                map.put("--target", targetWords(table.plan()));
              }
              map.put("--task", table.task().toString());
              map.put("--hidden", widths.isEmpty() ? TableWords.NONE : String.join(",", widths));
              map.put("--activation", activation);
              map.put("--holdout", Double.toString(holdout));
            });
    return map;
  }

  private static String targetWords(ColumnPlan plan) {
    return plan.targets().stream()
        .map(Column::name)
        .map(TableWords::word)
        .collect(Collectors.joining(","));
  }

  private static String text(Path file) {
    return file == null ? null : file.toString();
  }
}
