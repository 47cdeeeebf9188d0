package dev.krongauss.table;

import dev.krongauss.data.Dataset;
import dev.krongauss.data.RowSplit;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A table read from a file: encoded rows to train on, rows held out, and the plan that encodes
 * later files. Inputs are standardised by the training rows only.
 *
 * <pre>
 * Tabular table = Tabular.csv(Path.of("houses.csv")).target("price").heldOut(0.2).read();
 * table.training();      // Dataset [n][inputWidth] -&gt; [n][outputs]
 * table.summary();       // what was found, left out and decided, in lines
 * table.plan().toJson(); // to keep with the model
 * </pre>
 */
public final class Tabular {
  private final Dataset training;
  private final Dataset heldOut;
  private final ColumnPlan plan;
  private final List<Double> classWeights;
  private final String summary;
  private final RowSplit split;

  /**
   * @param heldOut null: no row is
   */
  Tabular(
      Dataset training,
      Dataset heldOut,
      ColumnPlan plan,
      List<Double> classWeights,
      String summary,
      RowSplit split) {
    this.training = training;
    this.heldOut = heldOut;
    this.plan = plan;
    this.classWeights = List.copyOf(classWeights);
    this.summary = summary;
    this.split = split;
  }

  /**
   * A CSV or TSV file, plain or gzipped (told by its first bytes), UTF-8 with or without a byte
   * order mark, with a header unless {@link TableReader#noHeader()} says otherwise. Quoted fields
   * may hold delimiters and line ends.
   *
   * @param file where it is
   * @return what is to be said about it, then {@link TableReader#read()}
   */
  public static TableReader csv(Path file) {
    return new TableReader(options -> Formats.csv(file, options));
  }

  /**
   * A file of libsvm or svmlight, plain or gzipped: {@code target index:value index:value ...}.
   * Indices begin at 1, or at 0 if one is 0; what is not there is 0. The target is called {@code
   * label}, the inputs {@code feature 1} and so on.
   *
   * @param file where it is
   * @return what is to be said about it, then {@link TableReader#read()}
   */
  public static TableReader libsvm(Path file) {
    return new TableReader(options -> LibsvmSource.open(file, options));
  }

  /**
   * Two arrays of NumPy, {@code [n]} or {@code [n][k]} and {@code [n]} or {@code [n][m]}, of
   * numbers or truth values.
   *
   * @param inputs called {@code input 1} and so on
   * @param targets called {@code target}, or {@code target 1} and so on; all of them unless named
   * @return what is to be said about them, then {@link TableReader#read()}
   */
  public static TableReader npy(Path inputs, Path targets) {
    return new TableReader(options -> NpySource.open(inputs, targets, options));
  }

  /**
   * Two IDX files, plain or gzipped, of any of its types and ranks. Unsigned bytes, as images have
   * them, are divided by 255; other values are standardised.
   *
   * @param inputs called {@code pixel 1} and so on, in the order of the file
   * @param labels called {@code label}, or {@code label 1} and so on: then one is to be named
   * @return what is to be said about them, then {@link TableReader#read()}
   */
  public static TableReader idx(Path inputs, Path labels) {
    return new TableReader(options -> IdxSource.open(inputs, labels, options));
  }

  /**
   * A CSV, TSV or libsvm file, told apart by its name and its first line.
   *
   * @param file where it is; of {@code .npy} and IDX files there are two, so these have their own
   *     methods
   * @return what is to be said about it, then {@link TableReader#read()}
   */
  public static TableReader read(Path file) {
    return new TableReader(options -> Formats.open(file, options));
  }

  /**
   * A pair of {@code .npy} or of IDX files, told apart by their first bytes.
   *
   * @param inputs one row a datapoint
   * @param targets as many rows
   * @return what is to be said about them, then {@link TableReader#read()}
   */
  public static TableReader read(Path inputs, Path targets) {
    return new TableReader(options -> Formats.open(inputs, targets, options));
  }

  /**
   * The rows to train on.
   *
   * @return inputs {@code [n][inputWidth]}, targets {@code [n][outputs]}, with class weights one
   *     column more
   */
  public Dataset training() {
    return training;
  }

  /**
   * The rows held out.
   *
   * @return as {@link #training()}; empty without {@link TableReader#heldOut(double)}
   */
  public Optional<Dataset> heldOut() {
    return Optional.ofNullable(heldOut);
  }

  /**
   * How the columns were encoded.
   *
   * @return the plan
   */
  public ColumnPlan plan() {
    return plan;
  }

  /**
   * The task, given or found.
   *
   * @return regression, binary or classes
   */
  public Task task() {
    return plan.task();
  }

  /**
   * Whether the last column of the targets holds weights, so that the loss is {@code
   * Loss.weighted(...)}.
   *
   * @return true after {@link TableReader#classWeights(String)}
   */
  public boolean weighted() {
    return !classWeights.isEmpty();
  }

  /**
   * The weight of each class, in the order of the target's categories.
   *
   * @return empty without {@link TableReader#classWeights(String)}
   */
  public List<Double> classWeights() {
    return classWeights;
  }

  /**
   * What was found, left out and decided, for a person.
   *
   * @return lines, the last with a line end
   */
  public String summary() {
    return summary;
  }

  /**
   * Which rows of the file are trained on.
   *
   * @return row numbers from 0 without the header, ascending: row i of {@link #training()}
   */
  public int[] trainingRows() {
    return split.trainingRows();
  }

  /**
   * Which rows of the file are held out.
   *
   * @return row numbers from 0, ascending: row i of {@link #heldOut()}
   */
  public int[] heldOutRows() {
    return split.heldOutRows();
  }
}
