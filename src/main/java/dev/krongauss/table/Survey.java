package dev.krongauss.table;

import dev.krongauss.data.RowSplit;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/**
 * A first pass through all rows: what each column is, and, if they are plain numbers, the rows. A
 * long file is read in segments by several threads; what comes out depends on the file alone.
 */
final class Survey {
  private final TableSource source;
  private final int[] inputs;
  private final int[] targets;
  private final TableSource.Cells[] cells;
  private final TableOptions options;
  private final RowSplit split;

  /** By position; null where a column is not looked at. */
  final ColumnProfile[] profiles;

  /** Null: not plain numbers, or no room. */
  private volatile StoredRows stored;

  private int rows;

  private Survey(TableSource source, Roles roles, RowSplit split, TableOptions options) {
    this.source = source;
    this.split = split;
    this.options = options;
    inputs = roles.candidates;
    targets = roles.targets;
    cells = new TableSource.Cells[source.columns().size()];
    Arrays.fill(cells, TableSource.Cells.SKIP);
    for (int[] positions : List.of(inputs, targets)) {
      for (int c : positions) {
        boolean category = options.category.contains(source.columns().get(c));
        cells[c] = category ? TableSource.Cells.TEXT : TableSource.Cells.ANY;
      }
    }
    profiles = newProfiles();
  }

  static Survey of(TableSource source, Roles roles, RowSplit split, TableOptions options)
      throws IOException {
    Survey survey = new Survey(source, roles, split, options);
    survey.makeRoom();
    List<Segment> segments = source.segments();
    boolean whole = segments == null || rowsOf(segments) != split.size();
    survey.rows =
        whole
            ? survey.pass(source.pass(survey.cells), survey.profiles, 0)
            : survey.inSegments(segments);
    return survey;
  }

  private static int rowsOf(List<Segment> segments) {
    return segments.stream().mapToInt(Segment::rows).sum();
  }

  private ColumnProfile[] newProfiles() {
    ColumnProfile[] made = new ColumnProfile[source.columns().size()];
    for (int c : inputs) {
      String name = source.columns().get(c);
      made[c] = new ColumnProfile(source, name, options.category.contains(name));
    }
    for (int c : targets) {
      made[c] = new ColumnProfile(source, source.columns().get(c), true);
    }
    return made;
  }

  private void makeRoom() throws IOException {
    long bytes = StoredRows.bytes(split, inputs.length, targets.length);
    if (!options.memory.fits(bytes) || (long) split.size() * inputs.length > Memory.MOST_FLOATS) {
      return;
    }
    options.log.accept(
        Say.text(
            "%s: %s of %s take %s as plain numbers",
            source.name(),
            Say.count(split.size(), "row"),
            Say.count(source.columns().size(), "column"),
            Memory.text(bytes)));
    try (RowPass pass = source.pass(cells)) {
      if (pass.next()) {
        stored = new StoredRows(cells.length, inputs, targets, split);
        stored.begin(pass.row());
      }
    } catch (OutOfMemoryError e) {
      // No room in one piece: what is needed is asked for again when the columns are known.
      stored = null;
    }
  }

  /** Each segment with profiles of its own, which are joined in order; the first problem counts. */
  private int inSegments(List<Segment> segments) throws IOException {
    for (Part part : segments.parallelStream().map(this::part).toList()) {
      if (part.problem != null) {
        throw part.problem;
      }
      join(part.profiles);
    }
    return split.size();
  }

  /** What came of a segment: one of the two is null. */
  private record Part(ColumnProfile[] profiles, IOException problem) {}

  private Part part(Segment segment) {
    try {
      return new Part(segment(segment), null);
    } catch (IOException e) {
      return new Part(null, e);
    }
  }

  private ColumnProfile[] segment(Segment segment) throws IOException {
    ColumnProfile[] part = newProfiles();
    int found = pass(source.pass(cells, segment), part, segment.firstRow());
    if (found != segment.rows()) {
      throw Say.problem(
          "%s changed while it was read: %,d rows, and %,d before; read it when it is whole",
          source.name(), found, segment.rows());
    }
    return part;
  }

  private void join(ColumnProfile[] part) {
    for (int c = 0; c < part.length; c++) {
      if (part[c] != null) {
        profiles[c].add(part[c]);
      }
    }
  }

  /** Goes through the rows of a pass and closes it; returns how many there were. */
  private int pass(RowPass pass, ColumnProfile[] into, int firstRow) throws IOException {
    try (pass) {
      int heldOut = split.heldOutBefore(firstRow);
      int row = firstRow;
      for (; pass.next(); row++) {
        boolean known = row < split.size();
        boolean held = known && split.isHeldOut(row);
        add(pass.row(), into, known && !held);
        StoredRows room = stored;
        if (room != null
            && !(known && room.put(pass.row(), held, held ? heldOut : row - heldOut))) {
          stored = null;
        }
        heldOut += held ? 1 : 0;
      }
      for (int c : inputs) {
        into[c].addPadded(pass.row().padded[c], pass.row().firstPadded[c]);
      }
      return row - firstRow;
    }
  }

  private void add(Row row, ColumnProfile[] into, boolean training) throws IOException {
    for (int c : inputs) {
      into[c].add(row, c, training);
    }
    for (int c : targets) {
      into[c].add(row, c, training);
    }
  }

  /** How many rows there were. */
  int rows() {
    return rows;
  }

  /** The rows, if they need nothing but standardising to be as the plan says; else null. */
  StoredRows stored(ColumnPlan plan) {
    return stored != null && stored.fits(plan) ? stored : null;
  }

  /** Lets go of the rows, so that others have their memory. */
  void release() {
    stored = null;
  }
}
