package dev.krongauss.bench.doctor;

import java.util.Locale;

/** Exported arrays that cannot be looked at. */
final class ExportException extends Exception {
  private static final long serialVersionUID = 1;

  ExportException(String format, Object... values) {
    super(String.format(Locale.ROOT, format, values));
  }
}
