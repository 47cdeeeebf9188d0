package dev.krongauss.bench.fetch;

import dev.krongauss.bench.Explained;
import java.io.IOException;

/** What could not be fetched, why, and the way out, where there is one. */
class FetchException extends IOException implements Explained {
  private static final long serialVersionUID = 1L;

  FetchException(String message) {
    super(message);
  }

  FetchException(String message, Throwable cause) {
    super(message, cause);
  }
}
