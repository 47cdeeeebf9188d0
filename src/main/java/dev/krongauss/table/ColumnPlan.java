package dev.krongauss.table;

import dev.krongauss.table.Column.Kind;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

/**
 * How the columns of a table become a network's inputs {@code [n][inputWidth]} and targets, found
 * on the training rows and kept with the model, so that later files are encoded alike. Immutable.
 */
public final class ColumnPlan {
  private final Task task;
  private final List<Column> inputs;
  private final List<Column> targets;
  private final List<LeftOut> leftOut;
  private final List<String> fileColumns;
  private final Form form;

  /** Of a CSV file, where it was told; 0: it is found in each file. */
  private final char delimiter;

  /**
   * @param fileColumns all columns of the training file, in its order, targets included
   * @param form the kind of that file
   * @param delimiter as told; 0: it is found
   */
  ColumnPlan(
      Task task,
      List<Column> inputs,
      List<Column> targets,
      List<LeftOut> leftOut,
      List<String> fileColumns,
      Form form,
      char delimiter) {
    this.task = Objects.requireNonNull(task, "task");
    this.inputs = List.copyOf(inputs);
    this.targets = List.copyOf(targets);
    this.leftOut = List.copyOf(leftOut);
    this.fileColumns = List.copyOf(fileColumns);
    this.form = Objects.requireNonNull(form, "form");
    this.delimiter = delimiter;
    check();
  }

  /**
   * A plan for files with a header: columns are found by their names.
   *
   * @param task regression, binary or classes
   * @param inputs at least one
   * @param targets numbers for a regression, else one category column: two categories for binary
   * @param leftOut columns that are not used
   * @return the plan
   * @throws IllegalArgumentException if these do not fit together
   */
  public static ColumnPlan of(
      Task task, List<Column> inputs, List<Column> targets, List<LeftOut> leftOut) {
    List<String> names =
        Stream.concat(
                Stream.concat(inputs.stream(), targets.stream()).map(Column::name),
                leftOut.stream().map(LeftOut::name))
            .toList();
    return new ColumnPlan(task, inputs, targets, leftOut, names, Form.CSV, (char) 0);
  }

  /**
   * What the targets are.
   *
   * @return regression, binary or classes
   */
  public Task task() {
    return task;
  }

  /**
   * The columns that enter.
   *
   * @return at least one, in the order of the file
   */
  public List<Column> inputs() {
    return inputs;
  }

  /**
   * The target columns.
   *
   * @return numbers for a regression, else one category column
   */
  public List<Column> targets() {
    return targets;
  }

  /**
   * The columns that are not used.
   *
   * @return each with its reason
   */
  public List<LeftOut> leftOut() {
    return leftOut;
  }

  /**
   * Values of an encoded row, without the homogeneous 1.
   *
   * @return the sum of the inputs' widths
   */
  public int inputWidth() {
    return inputs.stream().mapToInt(Column::width).sum();
  }

  /**
   * A name for each value of an encoded row: {@code age}, {@code age missing}, {@code sex=M}.
   *
   * @return {@link #inputWidth()} names
   */
  public List<String> inputNames() {
    return inputs.stream().flatMap(column -> column.valueNames().stream()).toList();
  }

  /**
   * Outputs that the network needs.
   *
   * @return the number of targets, 1 for binary, or the number of classes
   */
  public int outputs() {
    return switch (task) {
      case REGRESSION -> targets.size();
      case BINARY -> 1;
      case CLASSES -> targets.get(0).categories().size();
    };
  }

  /**
   * A name for each output: the targets; {@code survived=yes} for binary, the positive one; {@code
   * digit=0}, {@code digit=1} ... for classes.
   *
   * @return {@link #outputs()} names
   */
  public List<String> outputNames() {
    return switch (task) {
      case REGRESSION -> targets.stream().map(Column::name).toList();
      case BINARY -> targets.get(0).valueNames().subList(1, 2);
      case CLASSES -> targets.get(0).valueNames();
    };
  }

  /**
   * A regression's outputs in the targets' own units: deviation times output plus mean.
   *
   * @param outputs {@code [n][outputs()]}, as the network gives them; more behind is left out
   * @param n rows, at least 0
   * @return a new array {@code [n][outputs()]}; of classes the same values
   * @throws IllegalArgumentException if there are fewer than n rows
   */
  public float[] inUnits(float[] outputs, int n) {
    int width = outputs();
    require(
        n >= 0 && (long) n * width <= outputs.length,
        "%d rows of %d outputs, and %d values; give all rows",
        n,
        width,
        outputs.length);
    float[] units = Arrays.copyOf(outputs, n * width);
    for (int i = 0; task == Task.REGRESSION && i < units.length; i++) {
      Column target = targets.get(i % width);
      units[i] = (float) (target.mean() + target.deviation() * units[i]);
    }
    return units;
  }

  /**
   * The built-in loss that fits the task.
   *
   * @return {@code squared}, {@code bernoulli} or {@code softmax}
   */
  public String lossName() {
    return task.lossName();
  }

  /**
   * The plan as JSON, for {@link #ofJson}: every number exactly. Needs jackson-jr.
   *
   * @return one object
   * @throws IllegalStateException if jackson-jr is not on the class path
   */
  public String toJson() {
    return PlanJson.write(this);
  }

  /**
   * The plan that {@link #toJson} wrote. Needs jackson-jr.
   *
   * @param json one object
   * @return an equal plan
   * @throws IllegalArgumentException if the text is no such plan, or of another version; the
   *     message names what is not known
   * @throws IllegalStateException if jackson-jr is not on the class path
   */
  public static ColumnPlan ofJson(String json) {
    return PlanJson.read(json);
  }

  /**
   * All columns of the training file, in its order.
   *
   * @return inputs, targets and those left out
   */
  public List<String> fileColumns() {
    return fileColumns;
  }

  /**
   * Whether a later file's columns are found by their names; else by position, as the training file
   * had no names.
   *
   * @return true after a file with a header
   */
  public boolean named() {
    return form == Form.CSV;
  }

  Form form() {
    return form;
  }

  char delimiter() {
    return delimiter;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ColumnPlan plan
        && task == plan.task
        && inputs.equals(plan.inputs)
        && targets.equals(plan.targets)
        && leftOut.equals(plan.leftOut)
        && fileColumns.equals(plan.fileColumns)
        && form == plan.form
        && delimiter == plan.delimiter;
  }

  @Override
  public int hashCode() {
    return Objects.hash(task, inputs, targets, leftOut, fileColumns, form, delimiter);
  }

  @Override
  public String toString() {
    return "%s of %s from %d columns, [n][%d] -> [%d]"
        .formatted(
            task,
            String.join(", ", targets.stream().map(Column::name).toList()),
            inputs.size(),
            inputWidth(),
            outputs());
  }

  private void check() {
    require(!inputs.isEmpty(), "it has no input column; keep at least one");
    require(!targets.isEmpty(), "it has no target column; name one");
    Set<String> known = new HashSet<>();
    Set<String> ofFile = new HashSet<>(fileColumns);
    for (Column column : Stream.concat(inputs.stream(), targets.stream()).toList()) {
      require(
          known.add(column.name()),
          "column '%s' is used twice; every column is an input or a target, once",
          column.name());
      require(
          ofFile.contains(column.name()),
          "column '%s' is none of the file's: %s",
          column.name(),
          fileColumns);
    }
    if (task == Task.REGRESSION) {
      targets.forEach(
          t -> require(t.kind() == Kind.NUMBER, "target '%s' is no number column", t.name()));
    } else {
      int classes = targets.get(0).categories().size();
      require(targets.size() == 1, "%d targets; %s takes one", targets.size(), task);
      require(
          task == Task.BINARY ? classes == 2 : classes >= 2,
          "target '%s' has %d classes, which does not fit %s",
          targets.get(0).name(),
          classes,
          task);
    }
  }

  private static void require(boolean fits, String problem, Object... values) {
    if (!fits) {
      throw new IllegalArgumentException("column plan: " + problem.formatted(values));
    }
  }
}
