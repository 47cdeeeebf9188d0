package dev.krongauss.bench.peers;

/** A peer cannot be run here; the message says why and what helps. */
public final class PeerException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** With a message for the user. */
  public PeerException(String message) {
    super(message);
  }
}
