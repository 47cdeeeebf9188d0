package dev.krongauss.bench.inspect;

import java.util.Locale;

/** A field of a case is missing or wrong; the message begins with the field's name. */
final class CaseException extends Exception {
  private static final long serialVersionUID = 1;

  CaseException(String field, String problem, Object... values) {
    super(field + ": " + String.format(Locale.ROOT, problem, values));
  }
}
