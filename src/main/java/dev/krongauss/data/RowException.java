package dev.krongauss.data;

/**
 * A batch that could not be made, since a row of its source could not be read or is not what it
 * should be. The message names the source and the row; the cause, where there is one, is what the
 * source threw.
 */
public final class RowException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** A row that is not what it should be. */
  public RowException(String message) {
    super(message);
  }

  /** A row that could not be read. */
  public RowException(String message, Throwable cause) {
    super(message, cause);
  }
}
