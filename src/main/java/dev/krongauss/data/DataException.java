package dev.krongauss.data;

import java.io.IOException;

/**
 * A data file that is missing or is not what it should be. The message names the file, what was
 * found, what was wanted and the way out.
 */
public final class DataException extends IOException {
  private static final long serialVersionUID = 1L;

  DataException(String message) {
    super(message);
  }

  DataException(String message, Throwable cause) {
    super(message, cause);
  }
}
