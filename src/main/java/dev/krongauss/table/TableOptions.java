package dev.krongauss.table;

import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The settings of one {@link TableReader}, as they were given. */
final class TableOptions {
  private static final Logger LOG = LoggerFactory.getLogger(Tabular.class);

  /** Whether the first line is a header. */
  enum Header {
    /** It is, unless it looks like data: then it is an error. */
    EXPECTED,
    YES,
    NO
  }

  final Set<String> targets = new LinkedHashSet<>();
  final Set<String> keep = new LinkedHashSet<>();
  final Set<String> drop = new LinkedHashSet<>();
  final Set<String> category = new LinkedHashSet<>();
  Header header = Header.EXPECTED;

  /** 0: to be found. */
  char delimiter;

  /** Null: to be found. */
  Task task;

  /** Null: the second in order. */
  String positive;

  double heldOut;

  /** Null: row by row. */
  String heldOutBy;

  long seed = 1;
  boolean inOrder;

  /** Null: none. */
  String classWeights;

  boolean transposed;

  /** False for a later file: it may have a header alone. */
  boolean rowsNeeded = true;

  /** Of a long file, what one thread reads at a time. */
  long segmentBytes = 8 << 20;

  Memory memory = Memory.ofHeap();
  Consumer<String> log = LOG::info;
}
