package dev.krongauss.dist;

/**
 * Ranks that did not come together: one did not come in time, has failed, left, or called something
 * else. The group is of no use any more.
 */
public final class CollectiveException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** What happened, between which ranks, and the way out. */
  public CollectiveException(String message) {
    super(message);
  }

  /** The same with what the engine threw. */
  public CollectiveException(String message, Throwable cause) {
    super(message, cause);
  }
}
