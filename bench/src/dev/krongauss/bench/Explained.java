package dev.krongauss.bench;

/**
 * Marks an exception whose message says what happened, why, and the way out: a command shows its
 * message alone, without a trace.
 */
public interface Explained {
  /** For the user. */
  String getMessage();
}
