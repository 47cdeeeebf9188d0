package dev.krongauss.device;

import java.util.Locale;

/** Argument checks, made before anything is launched. */
public final class Check {
  private Check() {}

  /**
   * Throws unless {@code ok}.
   *
   * @param format what is wrong, with the values, and the way out ({@link String#format} syntax)
   * @throws IllegalArgumentException if {@code ok} is false
   */
  public static void that(boolean ok, String format, Object... values) {
    if (!ok) {
      throw failure(format, values);
    }
  }

  /**
   * What {@link #that} throws, for a check that is made so often that an array of its values would
   * be garbage to speak of.
   */
  public static IllegalArgumentException failure(String format, Object... values) {
    return new IllegalArgumentException(String.format(Locale.ROOT, format, values));
  }

  /**
   * A count of things that an int has to hold.
   *
   * @param what is counted, with the way out
   * @throws IllegalArgumentException if there are 2³¹ or more
   */
  public static int count(long count, String what) {
    that(count <= Integer.MAX_VALUE, "%,d %s; 2^31 - 1 are the most", count, what);
    return (int) count;
  }

  /**
   * Throws unless {@code matrix} is {@code [rows][columns]}.
   *
   * @throws IllegalArgumentException if the shape differs; the message shows both
   */
  public static void shape(Matrix matrix, int rows, int columns, String name) {
    that(matrix != null, "%s is null; a [%d][%d] matrix is needed", name, rows, columns);
    that(
        matrix.rows() == rows && matrix.columns() == columns,
        "%s is [%d][%d] but must be [%d][%d]; check the layer sizes and the batch size",
        name,
        matrix.rows(),
        matrix.columns(),
        rows,
        columns);
  }
}
