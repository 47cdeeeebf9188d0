package dev.krongauss.table;

import dev.krongauss.data.DataException;
import java.io.IOException;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * What is said about a file before it is read; made by {@link Tabular}. Every setting is checked at
 * once, and against the file in {@link #read()}. Not for several threads at a time.
 */
public final class TableReader {
  final TableOptions options = new TableOptions();
  private final TableSource.Opening opening;

  TableReader(TableSource.Opening opening) {
    this.opening = opening;
  }

  /**
   * The target columns; without this the last column of a CSV file, and what the format says
   * elsewhere.
   *
   * @param names as in the header; {@code column 3} or {@code 3} without one; several for a
   *     regression with several outputs
   * @return this
   */
  public TableReader target(String... names) {
    options.targets.addAll(Arrays.asList(names));
    return this;
  }

  /**
   * The first line of a CSV file is data: columns are called {@code column 1}, {@code column 2} and
   * so on.
   *
   * @return this
   */
  public TableReader noHeader() {
    options.header = TableOptions.Header.NO;
    return this;
  }

  /**
   * The first line of a CSV file is a header though it consists of numbers.
   *
   * @return this
   */
  public TableReader header() {
    options.header = TableOptions.Header.YES;
    return this;
  }

  /**
   * What separates the fields of a CSV file; found by itself among comma, semicolon and tab.
   *
   * @param delimiter any character but quote and line end
   * @return this
   * @throws IllegalArgumentException if it is one of these
   */
  public TableReader delimiter(char delimiter) {
    if (delimiter == '"' || delimiter == '\n' || delimiter == '\r') {
      throw new IllegalArgumentException(
          "delimiter U+%04X: quotes and line ends cannot separate fields"
              .formatted((int) delimiter));
    }
    options.delimiter = delimiter;
    return this;
  }

  /**
   * The task; found by itself from the target's values, with the reason in the summary.
   *
   * @param task regression, binary or classes
   * @return this
   */
  public TableReader task(Task task) {
    options.task = Objects.requireNonNull(task, "task");
    return this;
  }

  /**
   * The positive class of a binary target; the second in order otherwise.
   *
   * @param value as in the file
   * @return this
   */
  public TableReader positive(String value) {
    options.positive = Objects.requireNonNull(value, "value");
    return this;
  }

  /**
   * Columns that are inputs though they look like row numbers, names or keys.
   *
   * @param names as in the header
   * @return this
   */
  public TableReader keep(String... names) {
    options.keep.addAll(Arrays.asList(names));
    return this;
  }

  /**
   * Columns that are no inputs.
   *
   * @param names as in the header
   * @return this
   */
  public TableReader drop(String... names) {
    options.drop.addAll(Arrays.asList(names));
    return this;
  }

  /**
   * Columns whose values are categories though they are numbers, as codes are.
   *
   * @param names as in the header
   * @return this
   */
  public TableReader category(String... names) {
    options.category.addAll(Arrays.asList(names));
    return this;
  }

  /**
   * Holds rows back from training.
   *
   * @param fraction of all rows, from 0 (none, the default) to below 1
   * @return this
   * @throws IllegalArgumentException if it is outside
   */
  public TableReader heldOut(double fraction) {
    if (!(fraction >= 0 && fraction < 1)) {
      throw new IllegalArgumentException(
          "held out %s: give a fraction of the rows, from 0 to below 1".formatted(fraction));
    }
    options.heldOut = fraction;
    return this;
  }

  /**
   * Holds back all rows of some values of a column, as many as reach the fraction: rows of one
   * person, place or day stay together. The column is no input.
   *
   * @param column as in the header
   * @return this
   */
  public TableReader heldOutBy(String column) {
    options.heldOutBy = Objects.requireNonNull(column, "column");
    return this;
  }

  /**
   * Which rows are held out.
   *
   * @param seed the same gives the same rows on every JDK; 1 by default
   * @return this
   */
  public TableReader seed(long seed) {
    options.seed = seed;
    return this;
  }

  /**
   * The last rows are held out, as a time series wants it.
   *
   * @return this
   */
  public TableReader inOrder() {
    options.inOrder = true;
    return this;
  }

  /**
   * Weights for classes: one more, last column of the targets, for {@code Loss.weighted}.
   *
   * @param weights {@code balanced}, which makes all classes weigh the same in sum, or {@code
   *     a=2,b=1} with a weight for each class
   * @return this
   */
  public TableReader classWeights(String weights) {
    options.classWeights = Objects.requireNonNull(weights, "weights");
    return this;
  }

  /**
   * IDX images whose rows are columns, as EMNIST's, are turned.
   *
   * @return this
   */
  public TableReader transposed() {
    options.transposed = true;
    return this;
  }

  /**
   * Who hears what is done while it is done (the memory that will be taken, a second pass); SLF4J
   * by default.
   *
   * @param log takes a line each time
   * @return this
   */
  public TableReader log(Consumer<String> log) {
    options.log = Objects.requireNonNull(log, "log");
    return this;
  }

  /**
   * Reads the file.
   *
   * @return the data, encoded, with its plan
   * @throws DataException if the file is missing, is not what it should be or cannot be used as
   *     asked; the message has file, line, column, value and the way out
   * @throws IllegalStateException if a library that this format needs is not on the class path
   * @throws IOException if reading fails for another reason
   */
  public Tabular read() throws IOException {
    return TableLoader.load(opening.open(options), options);
  }
}
