package dev.krongauss.diagnose;

/**
 * Whether the rows of one matrix are combinations of those of another, where that says anything.
 */
final class Span {
  private static final int MOST_ROWS = 1024;

  /** Rows of a space of which more than this share is spanned would fit by chance. */
  private static final double MOST_OF_SPACE = 0.75;

  private static final double NOTHING_LEFT = 1e-3;
  private static final double DEPENDENT = 1e-10;

  private Span() {}

  /**
   * Whether every row of {@code rows} is a combination of rows of {@code of}; false where there are
   * so many of them that nearly everything is.
   */
  static boolean holdsRows(Values of, Values rows) {
    int width = of.columns();
    if (of.rows() > MOST_OF_SPACE * width || of.rows() > MOST_ROWS || rows.columns() != width) {
      return false;
    }
    double[][] basis = new double[of.rows()][];
    int count = 0;
    for (int r = 0; r < of.rows(); r++) {
      double[] row = row(of, r);
      double before = norm(row);
      project(row, basis, count);
      project(row, basis, count); // once more: what the first left of rounding
      double left = norm(row);
      if (left > DEPENDENT * before) {
        for (int j = 0; j < width; j++) {
          row[j] /= left;
        }
        basis[count++] = row;
      }
    }
    double left = 0;
    double all = 0;
    for (int r = 0; r < rows.rows(); r++) {
      double[] row = row(rows, r);
      all += norm(row) * norm(row);
      project(row, basis, count);
      left += norm(row) * norm(row);
    }
    return all > 0 && left <= NOTHING_LEFT * NOTHING_LEFT * all;
  }

  private static void project(double[] row, double[][] basis, int count) {
    for (int b = 0; b < count; b++) {
      double along = 0;
      for (int j = 0; j < row.length; j++) {
        along += row[j] * basis[b][j];
      }
      for (int j = 0; j < row.length; j++) {
        row[j] -= along * basis[b][j];
      }
    }
  }

  private static double[] row(Values of, int r) {
    double[] row = new double[of.columns()];
    for (int j = 0; j < row.length; j++) {
      row[j] = of.at(r, j);
    }
    return row;
  }

  private static double norm(double[] row) {
    double sum = 0;
    for (double each : row) {
      sum += each * each;
    }
    return Math.sqrt(sum);
  }
}
