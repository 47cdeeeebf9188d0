package dev.krongauss.dist;

/** Ranks that are not alike: the message names the setting, and what two of them have. */
public final class DisagreementException extends IllegalArgumentException {
  private static final long serialVersionUID = 1;

  DisagreementException(String message) {
    super(message);
  }
}
