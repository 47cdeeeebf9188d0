package dev.krongauss.onnx;

import dev.krongauss.device.Check;
import dev.krongauss.onnx.OnnxOptions.Inputs;
import dev.krongauss.table.Column;
import dev.krongauss.table.ColumnPlan;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How inputs and outputs are called, and what is said of them. Columns keep their names; an output
 * that would have the name of a column gets another.
 */
final class Naming {
  /** Rows as one matrix. */
  static final String INPUTS = "inputs";

  private static final Logger LOG = LoggerFactory.getLogger(Onnx.class);
  private static final String PREFIX = "predicted_";
  private static final List<String> OUTPUTS =
      List.of("value", "probability", "probabilities", "label", "outputs");

  private final Subject subject;
  private final Inputs form;
  private final List<String> inputs;
  private final String prefix;

  /**
   * Chooses the names.
   *
   * @throws IllegalArgumentException if numbers are to be float64 and there are no columns, or a
   *     column has no name
   */
  Naming(Subject subject, Inputs form) {
    Check.that(
        form != Inputs.DOUBLE_COLUMNS || subject.columns().isPresent(),
        "doubleInputs() is for the columns of a table, and this model has none; leave it out");
    this.subject = subject;
    this.form = form;
    this.inputs =
        fromTable() && !byPosition()
            ? plan().inputs().stream().map(Column::name).toList()
            : List.of(INPUTS);
    inputs.forEach(
        name ->
            Check.that(!name.isEmpty(), "a column without a name; name it in the table's header"));
    this.prefix = prefix(Set.copyOf(inputs));
  }

  /** Whether the cells of a table are the inputs, not encoded rows. */
  boolean fromTable() {
    return form != Inputs.ENCODED && subject.columns().isPresent();
  }

  /** Whether the cells come as one matrix: numbers of a file without names. */
  boolean byPosition() {
    return fromTable() && !plan().named() && !hasTexts();
  }

  /** Whether there are categories among the inputs. */
  boolean hasTexts() {
    return fromTable() && plan().inputs().stream().anyMatch(c -> c.kind() == Column.Kind.CATEGORY);
  }

  /** Whether there may be nothing but float32 and int64. */
  boolean numbersOnly() {
    return form == Inputs.ENCODED;
  }

  /** The name of an output in this model. */
  String of(String output) {
    return prefix + output;
  }

  /** All names that nothing else may have. */
  List<String> reserved() {
    return Stream.concat(inputs.stream(), OUTPUTS.stream().map(this::of)).toList();
  }

  /** Classes of the target: of two, the positive one is the second. */
  List<String> classes() {
    return target().categories();
  }

  String rowsExplanation() {
    if (subject.columns().isEmpty()) {
      return "one row a datapoint";
    }
    return byPosition()
        ? "the columns of the file without its targets, in its order; NaN where a number is missing"
        : "encoded rows: " + String.join(", ", plan().inputNames());
  }

  String valueExplanation() {
    return subject.columns().isEmpty()
        ? "the outputs of the network"
        : "in the units of the table: " + String.join(", ", plan().outputNames());
  }

  String probabilityExplanation() {
    return subject.columns().isEmpty()
        ? "of each output"
        : "of " + String.join(", ", plan().outputNames());
  }

  String labelExplanation() {
    String what = subject.columns().isEmpty() ? "output" : "class of " + target().name();
    return "the most probable " + what + (fromTable() ? "" : ", by its number from 0");
  }

  private Column target() {
    return plan().targets().get(0);
  }

  private ColumnPlan plan() {
    return subject.columns().orElseThrow();
  }

  /** Nothing, or enough of the word that no column has the name of an output. */
  private static String prefix(Set<String> columns) {
    StringBuilder prefix = new StringBuilder();
    while (OUTPUTS.stream().anyMatch(output -> columns.contains(prefix + output))) {
      prefix.append(PREFIX);
    }
    if (!prefix.isEmpty()) {
      LOG.info(
          String.format(
              Locale.ROOT,
              "a column has the name of an output: the outputs are called %slabel and so on",
              prefix));
    }
    return prefix.toString();
  }
}
