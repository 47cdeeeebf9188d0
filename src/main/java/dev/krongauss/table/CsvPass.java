package dev.krongauss.table;

import ch.randelshofer.fastdoubleparser.JavaDoubleParser;
import de.siegmar.fastcsv.reader.AbstractBaseCsvCallbackHandler;
import de.siegmar.fastcsv.reader.RecordType;

/**
 * Takes FastCSV's characters as they lie in its buffer and makes numbers, missing values and texts
 * of them: a String only for texts, and one for equal ones.
 */
final class CsvPass extends AbstractBaseCsvCallbackHandler<Row> {
  private final TableSource.Cells[] cells;
  private final Row row;
  private final Texts texts = new Texts();

  /** Columns with a text among them: characters are looked at before they are parsed. */
  private final boolean[] careful;

  private final long linesBefore;
  private boolean skipRecord;

  /**
   * @param skipHeader whether the first record is not a row
   * @param linesBefore line ends of the file before what is passed
   */
  CsvPass(TableSource.Cells[] cells, boolean skipHeader, long linesBefore) {
    this.cells = cells;
    this.linesBefore = linesBefore;
    row = new Row(cells.length);
    careful = new boolean[cells.length];
    skipRecord = skipHeader;
  }

  Row row() {
    return row;
  }

  @Override
  protected void handleField(int column, char[] text, int offset, int size, boolean quoted) {
    if (skipRecord || column >= cells.length || cells[column] == TableSource.Cells.SKIP) {
      return;
    }
    int begin = offset;
    int length = size;
    while (length > 0 && isSpace(text[begin])) {
      begin++;
      length--;
    }
    while (length > 0 && isSpace(text[begin + length - 1])) {
      length--;
    }
    if (cells[column] == TableSource.Cells.TEXT || !number(column, text, begin, length)) {
      word(column, text, begin, length);
    }
  }

  /** A zero byte is none: it is in files that are damaged or no texts. */
  private static boolean isSpace(char c) {
    return c <= ' ' && c != 0;
  }

  /** Stores a number, if it is one. */
  private boolean number(int column, char[] text, int begin, int length) {
    if (length == 0 || text[begin] > '9') { // no digit, sign or point
      return false;
    }
    double simple = Numbers.simple(text, begin, begin + length);
    if (simple == simple) { // no NaN
      row.numbers[column] = simple;
      row.kinds[column] = Row.NUMBER;
      if (text[begin] == '0' && length > 1 && text[begin + 1] != '.') {
        padded(column, text, begin, length);
      }
      return true;
    }
    if ((careful[column] || isOdd(text, begin, length))
        && !Numbers.isDecimal(text, begin, begin + length)) {
      return false;
    }
    try {
      row.numbers[column] = JavaDoubleParser.parseDouble(text, begin, length);
      row.kinds[column] = Row.NUMBER;
      return true;
    } catch (NumberFormatException e) {
      careful[column] = true; // an exception a cell would be slow
      return false;
    }
  }

  private void padded(int column, char[] text, int begin, int length) {
    if (row.padded[column]++ == 0) {
      row.firstPadded[column] = new String(text, begin, length);
    }
  }

  /** What the parser takes, as Java does, though no table means a number by it: 1d, 2f, 0x1p3. */
  private static boolean isOdd(char[] text, int begin, int length) {
    return text[begin + length - 1] > '9'
        || text[begin + length - 1] < '.' // space, which is none here, as a zero byte
        || text[begin] < '+'
        || length > 2 && (text[begin + 1] > 'E' || text[begin + 2] > 'E');
  }

  private void word(int column, char[] text, int begin, int length) {
    row.texts[column] = null;
    if (Tokens.isMissing(text, begin, length)) {
      row.kinds[column] = Row.MISSING;
      return;
    }
    double infinite =
        cells[column] == TableSource.Cells.TEXT ? 0 : Tokens.infinite(text, begin, length);
    if (infinite != 0) {
      row.kinds[column] = Row.NUMBER;
      row.numbers[column] = infinite;
    } else {
      row.kinds[column] = Row.TEXT;
      row.texts[column] = texts.of(text, begin, length);
    }
  }

  /** The row, whatever its number of fields; null for the header and for empty lines. */
  @Override
  protected Row buildRecord() {
    if (getRecordType() == RecordType.EMPTY) {
      return null;
    }
    if (skipRecord) {
      skipRecord = false;
      return null;
    }
    row.line = linesBefore + getStartingLineNumber();
    return row;
  }

  int fields() {
    return getFieldCount();
  }
}
