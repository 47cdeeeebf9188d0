package dev.krongauss.table;

import java.io.Closeable;
import java.io.IOException;

/** One way through a table, row by row. */
interface RowPass extends Closeable {
  /**
   * Reads the next row into {@link #row()}.
   *
   * @return false behind the last
   * @throws dev.krongauss.data.DataException if it is not a row of this table
   */
  boolean next() throws IOException;

  /** The place that each row is read into. */
  Row row();
}
