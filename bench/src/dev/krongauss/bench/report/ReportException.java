package dev.krongauss.bench.report;

import dev.krongauss.bench.Explained;

/** A figure that no folder has, or a text that asks for it wrongly; the message says which. */
final class ReportException extends RuntimeException implements Explained {
  private static final long serialVersionUID = 1;

  ReportException(String message, Object... values) {
    super(message.formatted(values));
  }
}
