package dev.krongauss.table;

/** The cells of one row. */
final class Row {
  static final byte NUMBER = 0;
  static final byte MISSING = 1;
  static final byte TEXT = 2;

  /** Of each column: {@link #NUMBER}, {@link #MISSING} or {@link #TEXT}. */
  final byte[] kinds;

  /** Where the kind is {@link #NUMBER}; it may be infinite, never NaN. */
  final double[] numbers;

  /** Where the kind is {@link #TEXT}. */
  final String[] texts;

  /** Of each column, so far: numbers that begin with a zero and another digit, as codes do. */
  final long[] padded;

  /** The first of them. */
  final String[] firstPadded;

  /** Where the row begins: a line from 1, or a row from 0 in files without lines. */
  long line;

  Row(int columns) {
    kinds = new byte[columns];
    numbers = new double[columns];
    texts = new String[columns];
    padded = new long[columns];
    firstPadded = new String[columns];
  }

  /** The cell as a category: its text, or its number in the shortest way. */
  String category(int column) {
    return kinds[column] == TEXT ? texts[column] : Numbers.text(numbers[column]);
  }
}
