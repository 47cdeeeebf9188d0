package dev.krongauss.io;

import java.io.IOException;

/** A file that is no checkpoint, is damaged, or does not fit what is to go on from it. */
public final class CheckpointException extends IOException {
  private static final long serialVersionUID = 1;

  CheckpointException(String message) {
    super(message);
  }

  CheckpointException(String message, Throwable cause) {
    super(message, cause);
  }
}
