package dev.krongauss.data;

import java.io.IOException;

/**
 * A data file that is missing or is not what it should be. The message names the file, what was
 * found, what was wanted and the way out.
 */
public final class DataException extends IOException {
  private static final long serialVersionUID = 1L;

  /**
   * A problem found by looking at the data.
   *
   * @param message file, what was found, what was wanted, the way out
   */
  public DataException(String message) {
    super(message);
  }

  /**
   * A problem that showed as another exception.
   *
   * @param message file, what was found, what was wanted, the way out
   * @param cause what was thrown
   */
  public DataException(String message, Throwable cause) {
    super(message, cause);
  }
}
