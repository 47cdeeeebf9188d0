package dev.krongauss.table;

import dev.krongauss.data.DataException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A later file, encoded by the plan of the training file, in chunks: its memory does not grow with
 * the file.
 *
 * <pre>
 * try (RowReader rows = RowReader.of(plan, file)) {
 *   while (rows.next()) {
 *     network.predict(rows.inputs(), rows.rows());
 *   }
 *   rows.notes().forEach(System.err::println);
 * }
 * </pre>
 */
public final class RowReader implements Closeable {
  private static final int MOST_ROWS = 8192;
  private static final int CHUNK_FLOATS = 1 << 20;

  private final ColumnPlan plan;
  private final TableSource source;
  private final Encoder encoder;
  private final RowPass pass;
  private final boolean hasTargets;
  private final List<String> columnNotes = new ArrayList<>();
  private final float[] inputs;
  private final double[] targets;
  private final int chunk;
  private long done;
  private int rows;

  private RowReader(ColumnPlan plan, TableSource source) throws IOException {
    this.plan = plan;
    this.source = source;
    List<String> columns = columns();
    int[] inputPositions = Encoder.positions(plan.inputs(), columns);
    int[] targetPositions = Encoder.positions(plan.targets(), columns);
    requireInputs(inputPositions, columns);
    hasTargets = Arrays.stream(targetPositions).allMatch(position -> position >= 0);
    noteColumns(columns);
    encoder = new Encoder(source.name(), plan, inputPositions, targetPositions);
    chunk = Math.max(1, Math.min(MOST_ROWS, CHUNK_FLOATS / plan.inputWidth()));
    inputs = new float[chunk * plan.inputWidth()];
    targets = new double[hasTargets ? chunk * plan.targets().size() : 0];
    pass = source.pass(encoder.cells(columns.size()));
  }

  /**
   * Opens a file of the kind that the plan was made from: CSV, libsvm, {@code .npy} or IDX.
   *
   * @param plan of the training file
   * @param file columns in any order if they have names; target columns may be there or not
   * @return before its first chunk; the caller closes it
   * @throws DataException if the file is missing, is not what it should be or lacks a column
   * @throws IllegalStateException if a library that this format needs is not on the class path
   * @throws IOException if reading fails for another reason
   */
  public static RowReader of(ColumnPlan plan, Path file) throws IOException {
    return new RowReader(plan, Formats.later(file, plan));
  }

  /** The file's columns; without names by position, with or without the targets. */
  private List<String> columns() throws IOException {
    List<String> found = source.columns();
    List<String> known = plan.fileColumns();
    if (plan.named() || found.size() == known.size()) {
      return plan.named() ? found : known;
    }
    List<String> targets = plan.targets().stream().map(Column::name).toList();
    List<String> rest = known.stream().filter(name -> !targets.contains(name)).toList();
    List<String> items =
        known.stream()
            .filter(name -> name.startsWith("pixel ") || name.startsWith("input "))
            .toList();
    boolean pair = plan.form() != Form.CSV_WITHOUT_HEADER;
    List<String> without = pair ? items : rest;
    if (found.size() != without.size()) {
      throw Say.problem(
          "%s has %s, and the training file %,d, %,d without targets; columns without"
              + " names are found by position",
          source.name(), Say.count(found.size(), "column"), known.size(), without.size());
    }
    return without;
  }

  private void requireInputs(int[] positions, List<String> columns) throws IOException {
    List<String> missing = new ArrayList<>();
    for (int i = 0; i < positions.length; i++) {
      if (positions[i] < 0) {
        missing.add(plan.inputs().get(i).name());
      }
    }
    if (!missing.isEmpty()) {
      throw Say.problem(
          "%s lacks the input column%s '%s'%s",
          source.name(),
          missing.size() == 1 ? "" : "s",
          String.join("', '", missing),
          Names.suggestion(missing.get(0), columns));
    }
  }

  private void noteColumns(List<String> columns) {
    Set<String> known = new HashSet<>(plan.fileColumns());
    List<String> extra = columns.stream().filter(column -> !known.contains(column)).toList();
    if (!extra.isEmpty()) {
      columnNotes.add(
          Say.text(
              "%s that the training file does not have %s ignored: %s",
              Say.count(extra.size(), "column"),
              extra.size() == 1 ? "is" : "are",
              Names.listed(extra)));
    }
  }

  /**
   * Reads the next rows.
   *
   * @return false at the end
   * @throws DataException if a row cannot be read; the message has line, column and value
   * @throws IOException if reading fails for another reason
   */
  public boolean next() throws IOException {
    done += rows;
    rows = 0;
    while (rows < chunk && pass.next()) {
      encoder.inputs(pass.row(), inputs, rows * plan.inputWidth());
      for (int i = 0; hasTargets && i < plan.targets().size(); i++) {
        targets[rows * plan.targets().size() + i] = encoder.target(pass.row(), i);
      }
      rows++;
    }
    return rows > 0;
  }

  /**
   * Rows of this chunk.
   *
   * @return 1 to some thousands; 0 before the first and behind the last
   */
  public int rows() {
    return rows;
  }

  /**
   * Row number of the first row of this chunk.
   *
   * @return from 0, without the header
   */
  public long firstRow() {
    return done;
  }

  /**
   * The encoded rows {@code [rows][inputWidth]}.
   *
   * @return the array itself, which the next chunk overwrites, and which may be longer than the
   *     rows
   */
  public float[] inputs() {
    return inputs;
  }

  /**
   * Whether the file has all target columns.
   *
   * @return false: {@link #targets()} has nothing
   */
  public boolean hasTargets() {
    return hasTargets;
  }

  /**
   * The targets {@code [rows][plan.targets().size()]}: in the column's own unit for a regression,
   * else the number of the class among the target's categories. NaN where a target is missing or of
   * an unknown class.
   *
   * @return the array itself, which the next chunk overwrites, and which may be longer than the
   *     rows; empty without targets
   */
  public double[] targets() {
    return targets;
  }

  /**
   * What is to be said about the file so far: columns ignored, unknown categories with counts.
   *
   * @return sentences; complete behind the last row
   */
  public List<String> notes() {
    List<String> notes = new ArrayList<>(columnNotes);
    notes.addAll(source.notes());
    notes.addAll(encoder.notes());
    return notes;
  }

  @Override
  public void close() throws IOException {
    pass.close();
  }
}
