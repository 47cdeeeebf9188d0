package dev.krongauss.table;

import dev.krongauss.data.DataException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** What each column is for, as far as it was said: target, input, or nothing. */
final class Roles {
  /** Positions of the targets, in the order in which they were named. */
  final int[] targets;

  /** Positions of the columns that may become inputs, ascending. */
  final int[] candidates;

  /** Position of the column by which rows are held out; -1: none. */
  final int groups;

  /** Whether the targets were named. */
  final boolean named;

  final List<LeftOut> leftOut;

  private final TableSource source;

  Roles(TableSource source, TableOptions options) throws DataException {
    this.source = source;
    named = !options.targets.isEmpty();
    if (source.form().hasKeys() && source.columns().size() == 1) {
      throw Say.problem(
          "%s: only one column was found, %s, and a target needs an input; is the delimiter another"
              + " one (%s)? then give it",
          source.name(), Say.quoted(source.columns().get(0)), source.description());
    }
    if (!named && source.defaultTargets().isEmpty()) {
      throw Say.problem(
          "%s: which column is the target? there are %s; say target(...)",
          source.name(), Names.listed(source.onlyTargets()));
    }
    targets = positions("target", named ? options.targets : source.defaultTargets());
    groups = options.heldOutBy == null ? -1 : position("heldOutBy", options.heldOutBy);
    int[] keep = positions("keep", options.keep);
    int[] drop = positions("drop", options.drop);
    positions("category", options.category);
    leftOut = new ArrayList<>();
    List<Integer> rest = new ArrayList<>();
    for (int c = 0; c < source.columns().size(); c++) {
      if (has(targets, c)) {
        requireNot(c, drop, "drop");
      } else if (c == groups) {
        leave(c, "rows are held out by it");
      } else if (has(drop, c)) {
        requireNot(c, keep, "keep");
        leave(c, "dropped, as told");
      } else if (source.onlyTargets().contains(source.columns().get(c)) && !has(keep, c)) {
        leave(c, "a label, and not the target");
      } else {
        rest.add(c);
      }
    }
    candidates = rest.stream().mapToInt(Integer::intValue).toArray();
    if (candidates.length == 0) {
      throw Say.problem(
          "%s: no column is left as an input besides %s; are the targets right?",
          source.name(), Names.listed(names(targets)));
    }
  }

  private List<String> names(int[] positions) {
    List<String> names = new ArrayList<>();
    for (int position : positions) {
      names.add(source.columns().get(position));
    }
    return names;
  }

  private void leave(int column, String reason) {
    leftOut.add(new LeftOut(source.columns().get(column), reason));
  }

  private void requireNot(int column, int[] others, String setting) throws DataException {
    if (has(others, column)) {
      String name = source.columns().get(column);
      throw Say.problem(
          "%s: column '%s' is named in %s(...) and elsewhere, which contradict each other",
          source.name(), name, setting);
    }
  }

  private int[] positions(String setting, Collection<String> names) throws DataException {
    List<Integer> found = new ArrayList<>();
    for (String name : names) {
      int position = position(setting, name);
      if (found.contains(position)) {
        throw Say.problem("%s: %s '%s' is named twice", source.name(), setting, name);
      }
      found.add(position);
    }
    return found.stream().mapToInt(Integer::intValue).toArray();
  }

  private int position(String setting, String name) throws DataException {
    List<String> columns = source.columns();
    int position = columns.indexOf(name);
    if (position < 0 && source.form() == Form.CSV_WITHOUT_HEADER && name.matches("[0-9]{1,9}")) {
      position = Integer.parseInt(name) - 1; // without a header: the number of the column
    }
    if (position < 0 || position >= columns.size()) {
      throw Say.problem(
          "%s: %s '%s' is not a column%s",
          source.name(), setting, name, Names.suggestion(name, columns));
    }
    return position;
  }

  static boolean has(int[] positions, int wanted) {
    for (int position : positions) {
      if (position == wanted) {
        return true;
      }
    }
    return false;
  }
}
