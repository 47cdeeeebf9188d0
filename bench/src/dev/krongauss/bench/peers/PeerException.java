package dev.krongauss.bench.peers;

import dev.krongauss.bench.Explained;

/** A peer cannot be run here; the message says why and what helps. */
public final class PeerException extends RuntimeException implements Explained {
  private static final long serialVersionUID = 1;

  /** With a message for the user. */
  public PeerException(String message) {
    super(message);
  }
}
