package dev.krongauss.table;

import dev.krongauss.data.DataException;
import java.util.List;
import java.util.Optional;

/** What a column that may become an input is: a column, or nothing with a reason. */
final class InputRule {
  /** In fewer rows, distinct values are no sign of a key. */
  static final int KEY_ROWS = 20;

  /** As much for distinct whole numbers that are not in order. */
  static final int ENUMERATED_ROWS = 50;

  private final TableSource source;
  private final TableOptions options;
  private final List<LeftOut> leftOut;

  /**
   * @param leftOut is added to
   */
  InputRule(TableSource source, TableOptions options, List<LeftOut> leftOut) {
    this.source = source;
    this.options = options;
    this.leftOut = leftOut;
  }

  Optional<Column> of(ColumnProfile column) throws DataException {
    if (source.divisor() > 0) {
      return Optional.of(Column.number(column.name(), 0, source.divisor(), false));
    }
    boolean declared = options.category.contains(column.name());
    if (!declared) {
      column.requireOneKind();
    }
    if (!declared && column.isNumber()) {
      return number(column);
    }
    return column.texts + column.numbers == 0
        ? leave(column, "missing in every row")
        : category(column, declared);
  }

  private Optional<Column> number(ColumnProfile column) throws DataException {
    requireNoKey(column);
    Moments moments = column.moments;
    if (moments.count() == 0) {
      return leave(column, "missing in every training row");
    }
    boolean indicator = column.missingInTraining > 0;
    boolean varies = moments.most() > moments.least();
    if (!varies && !indicator) {
      return leave(column, Say.text("%s in every training row", Numbers.text(moments.least())));
    }
    double deviation = varies ? moments.deviation() : 1;
    if (!(deviation > 0 && Double.isFinite(deviation))) {
      throw Say.problem(
          "%s: column '%s' has values from %s to %s, whose deviation %s is out of a double's range;"
              + " scale it, or drop(\"%s\")",
          source.name(), column.name(), moments.least(), moments.most(), deviation, column.name());
    }
    return Optional.of(Column.number(column.name(), moments.mean(), deviation, indicator));
  }

  private void requireNoKey(ColumnProfile column) throws DataException {
    if (!source.form().hasKeys() || options.keep.contains(column.name())) {
      return;
    }
    String how =
        column.counts(KEY_ROWS)
            ? ", in order"
            : column.enumerates(ENUMERATED_ROWS)
                ? ", and hardly one of their range left out"
                : column.isNamedKey(KEY_ROWS) ? ", and such a name" : "";
    if (!how.isEmpty()) {
      throw Say.problem(
          "%s: column '%s' has another whole number in every row%s, as row numbers and keys have;"
              + " say drop(\"%s\"), or keep(\"%s\") if it is a measurement, as a time is",
          source.name(), column.name(), how, column.name(), column.name());
    }
  }

  private Optional<Column> category(ColumnProfile column, boolean declared) throws DataException {
    Categories categories = column.categories;
    boolean keyed =
        categories.size() >= KEY_ROWS
            && !categories.repeated()
            && !declared
            && source.form().hasKeys();
    if (keyed && !options.keep.contains(column.name())) {
      throw Say.problem(
          "%s: column '%s' has another text in every one of %s%,d rows, as %s, as names and keys"
              + " have; say drop(\"%s\")%s%s",
          source.name(),
          column.name(),
          categories.tooMany() ? "the first " : "",
          categories.size(),
          Say.quoted(column.firstText()),
          column.name(),
          categories.tooMany()
              ? ""
              : Say.text(", or keep(\"%s\") if these are categories", column.name()),
          column.decimalComma());
    }
    if (categories.tooMany()) {
      throw Say.problem(
          "%s: column '%s' has more than %,d different texts, as %s, and so many categories are the"
              + " most; join rare ones, or say drop(\"%s\")%s",
          source.name(),
          column.name(),
          Categories.LIMIT,
          Say.quoted(column.firstText()),
          column.name(),
          column.decimalComma());
    }
    return ofTrained(column);
  }

  private Optional<Column> ofTrained(ColumnProfile column) {
    List<String> trained = column.categories.trained();
    boolean indicator = column.missingInTraining > 0;
    if (trained.isEmpty()) {
      return leave(column, "missing in every training row");
    }
    if (trained.size() == 1 && !indicator) {
      return leave(column, Say.quoted(trained.get(0)) + " in every training row");
    }
    return Optional.of(Column.category(column.name(), trained, indicator));
  }

  private Optional<Column> leave(ColumnProfile column, String reason) {
    leftOut.add(new LeftOut(column.name(), reason));
    return Optional.empty();
  }
}
