package dev.krongauss.optim;

/**
 * Too many updates in a row were rejected; the weights are as they were before the first of them.
 */
public final class DivergenceException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public DivergenceException(String message) {
    super(message);
  }
}
