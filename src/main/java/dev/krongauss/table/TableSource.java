package dev.krongauss.table;

import java.io.IOException;
import java.util.List;

/** A table's columns and rows, to be gone through as often as needed. */
interface TableSource {
  /** Opens a file when its settings are known. */
  @FunctionalInterface
  interface Opening {
    TableSource open(TableOptions options) throws IOException;
  }

  /** How cells of a column are to be read. */
  enum Cells {
    /** A number where it is one, else missing or text. */
    ANY,
    /** Text or missing, also where it is a number; formats of numbers alone give the number. */
    TEXT,
    /** Not at all: the row keeps what it has. */
    SKIP
  }

  /** The file or files, for messages. */
  String name();

  /** All columns, in order; each once. */
  List<String> columns();

  /** The targets where none are named; empty if one has to be. */
  List<String> defaultTargets();

  /** Columns that could be a target but are no inputs unless kept: other labels. */
  default List<String> onlyTargets() {
    return List.of();
  }

  /** How many rows there are; a pass has the last word. */
  int rows() throws IOException;

  /** What this is, for the summary. */
  String description();

  /** The kind of file, for the plan. */
  Form form();

  /** A number that all inputs are divided by instead of being standardised; 0: there is none. */
  default double divisor() {
    return 0;
  }

  /** What was met in passes and is to be said. */
  default List<String> notes() {
    return List.of();
  }

  /**
   * Parts that can be read at the same time, in order; null: one pass reads all. After {@link
   * #rows()}.
   */
  default List<Segment> segments() {
    return null;
  }

  /** Goes through the rows of one of {@link #segments()}. */
  default RowPass pass(Cells[] cells, Segment segment) throws IOException {
    throw new IllegalStateException("this table has no segments");
  }

  /** Refuses a file that is not as it was when it was opened. */
  default void requireUnchanged() throws IOException {}

  /** Goes through all rows from the first. */
  RowPass pass(Cells[] cells) throws IOException;
}
