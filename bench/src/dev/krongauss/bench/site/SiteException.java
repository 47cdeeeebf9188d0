package dev.krongauss.bench.site;

import dev.krongauss.bench.Explained;

/** A page that cannot be made: a link that leads nowhere, a formula that is none. */
final class SiteException extends RuntimeException implements Explained {
  private static final long serialVersionUID = 1;

  SiteException(String message, Object... values) {
    super(message.formatted(values));
  }
}
