package dev.krongauss.bench;

import java.io.IOException;

/** A run folder that cannot be gone on with; the message says why, and the way out. */
public final class RunException extends IOException implements Explained {
  private static final long serialVersionUID = 1;

  /** With a message for the user. */
  public RunException(String message) {
    super(message);
  }
}
