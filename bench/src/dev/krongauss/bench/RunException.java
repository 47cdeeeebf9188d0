package dev.krongauss.bench;

import java.io.IOException;

/** A run folder that cannot be gone on with; the message says why, and the way out. */
final class RunException extends IOException {
  private static final long serialVersionUID = 1;

  RunException(String message) {
    super(message);
  }
}
