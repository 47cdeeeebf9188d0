package dev.krongauss.table;

import dev.krongauss.data.DataException;
import java.util.ArrayList;
import java.util.List;

/** What the cells of one column are, gathered row by row. */
final class ColumnProfile {
  private final String file;
  private final Form form;
  private final String name;
  private final boolean countNumbers;

  /** Of training rows. */
  final Moments moments = new Moments();

  /** Texts; of targets also numbers. */
  final Categories categories = new Categories();

  long numbers;
  long texts;
  long missing;
  long missingInTraining;
  long firstMissingLine;
  boolean whole = true;

  /** Numbers that begin with a zero and another digit, and the first of them; null: none. */
  private long padded;

  private String firstPadded;
  private double last;
  private boolean rises = true;
  private boolean falls = true;

  /** Of whole numbers without one that came twice; else null. */
  private Distinct distinct;

  private long firstTextLine;
  private String firstText;
  private long numbersBeforeText;
  private long firstNumberLine;
  private double firstNumber;

  /**
   * @param countNumbers whether different numbers are counted as categories are
   */
  ColumnProfile(TableSource source, String name, boolean countNumbers) {
    file = source.name();
    form = source.form();
    int columns = source.columns().size();
    this.name = name;
    this.countNumbers = countNumbers;
    distinct = countNumbers || !form.hasKeys() ? null : new Distinct(columns);
  }

  String name() {
    return name;
  }

  void add(Row row, int column, boolean training) throws DataException {
    switch (row.kinds[column]) {
      case Row.NUMBER -> number(row.numbers[column], row.line, training);
      case Row.TEXT -> text(row.texts[column], row.line, training);
      default -> missing(row.line, training);
    }
  }

  private void number(double value, long line, boolean training) throws DataException {
    if (numbers == 0) {
      firstNumber = value;
      firstNumberLine = line;
      last = value;
    } else if (rises || falls) {
      rises &= value > last;
      falls &= value < last;
      last = value;
    }
    numbers++;
    if (whole) {
      whole = value == Math.rint(value);
    }
    if (distinct != null && !(whole && distinct.add(value))) {
      distinct = null;
    }
    if (Math.abs(value) > Float.MAX_VALUE) {
      throw outOfRange(value, line);
    }
    if (training) {
      moments.add(value);
    }
    if (countNumbers && !categories.tooMany()) {
      categories.add(Numbers.text(value), line, training);
    }
  }

  private DataException outOfRange(double value, long line) {
    return Double.isInfinite(value)
        ? Say.problem(
            "%s, %s, column '%s': the value is infinite; write it as missing (%s), or drop the row",
            file, form.place(line), name, form.missing())
        : Say.problem(
            "%s, %s, column '%s': %s is beyond %s, the largest float; correct it, write it as"
                + " missing (%s), or scale the column",
            file, form.place(line), name, value, Float.MAX_VALUE, form.missing());
  }

  private void text(String value, long line, boolean training) {
    if (texts == 0) {
      firstText = value;
      firstTextLine = line;
      numbersBeforeText = numbers;
    }
    texts++;
    categories.add(value, line, training);
  }

  private void missing(long line, boolean training) {
    if (missing == 0) {
      firstMissingLine = line;
    }
    missing++;
    missingInTraining += training ? 1 : 0;
  }

  /** Takes what a pass counted of its numbers that begin with a zero. */
  void addPadded(long count, String first) {
    padded += count;
    firstPadded = firstPadded == null ? first : firstPadded;
  }

  /** What is to be said beside the column. */
  List<String> notes() {
    List<String> notes = new ArrayList<>();
    if (padded > 0 && isNumber()) {
      notes.add(
          Say.text(
              "column '%s': %s with a zero in front, as codes have it, %s taken as %s, '%s' as %s;"
                  + " category(\"%s\") keeps the text",
              name,
              Say.count(padded, "number"),
              padded == 1 ? "is" : "are",
              padded == 1 ? "a number" : "numbers",
              firstPadded,
              Numbers.text(Double.parseDouble(firstPadded)),
              name));
    }
    return notes;
  }

  /** Adds what was found in later rows. */
  void add(ColumnProfile later) {
    if (later.numbers > 0) {
      if (numbers == 0) {
        firstNumber = later.firstNumber;
        firstNumberLine = later.firstNumberLine;
      }
      rises &= later.rises && (numbers == 0 || later.firstNumber > last);
      falls &= later.falls && (numbers == 0 || later.firstNumber < last);
      last = later.last;
    }
    if (texts == 0 && later.texts > 0) {
      firstText = later.firstText;
      firstTextLine = later.firstTextLine;
      numbersBeforeText = numbers + later.numbersBeforeText;
    }
    if (missing == 0) {
      firstMissingLine = later.firstMissingLine;
    }
    addPadded(later.padded, later.firstPadded);
    distinct = Distinct.joined(distinct, later.distinct);
    numbers += later.numbers;
    texts += later.texts;
    missing += later.missing;
    missingInTraining += later.missingInTraining;
    whole &= later.whole;
    moments.add(later.moments);
    categories.add(later.categories);
  }

  boolean isNumber() {
    return texts == 0 && numbers > 0;
  }

  /** Whole numbers, each above the one before or each below, in at least so many rows. */
  boolean counts(int least) {
    return isNumber() && whole && numbers >= least && (rises || falls);
  }

  /** Whole numbers that never come twice and fill nine tenths of their range, in any order. */
  boolean enumerates(int least) {
    return isNumber() && numbers >= least && distinct != null && distinct.isDense();
  }

  /** Whole numbers that never come twice, under a name that keys have. */
  boolean isNamedKey(int least) {
    return isNumber()
        && numbers >= least
        && distinct != null
        && name.matches("(?i:(.*[_ .-])?id)|.*[a-z0-9](Id|ID)");
  }

  /** Numbers and texts in one column: neither kind fits. */
  void requireOneKind() throws DataException {
    if (texts == 0 || numbers == 0) {
      return;
    }
    String others =
        numbersBeforeText > 0
            ? Say.text("the %,d values before it are numbers", numbersBeforeText)
            : Say.text(
                "line %,d has the number %s, as %,d lines have one",
                firstNumberLine, Numbers.text(firstNumber), numbers);
    throw Say.problem(
        "%s, line %,d, column '%s': %s is text, but %s; correct it, write NA if it is missing, or"
            + " say category(\"%s\") if the numbers are codes%s",
        file, firstTextLine, name, Say.quoted(firstText), others, name, decimalComma());
  }

  /** A hint where texts look like numbers with a decimal comma. */
  String decimalComma() {
    return firstText != null && firstText.matches("[+-]?[0-9.]*,[0-9]+")
        ? "; decimals are written with a point"
        : "";
  }

  String firstText() {
    return firstText == null ? "" : firstText;
  }
}
