package dev.krongauss.io;

import java.io.IOException;

/** A file that is no checkpoint or model file, is damaged, or does not fit what it is read for. */
public final class CheckpointException extends IOException {
  private static final long serialVersionUID = 1;

  CheckpointException(String message) {
    super(message);
  }

  CheckpointException(String message, Throwable cause) {
    super(message, cause);
  }
}
