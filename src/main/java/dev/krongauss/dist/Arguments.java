package dev.krongauss.dist;

import dev.krongauss.device.Check;
import dev.krongauss.device.Stream;

/** The checks that all engines make before they call anybody. */
final class Arguments {
  private Arguments() {}

  /** Of {@link Collective#exchange}. */
  static void exchange(
      Collective of, Stream s, long send, long sent, long receive, long received, int peer) {
    Check.that(
        peer >= 0 && peer < of.size() && peer != of.rank(),
        "rank %d of %d exchanges with rank %d; a peer is another rank, 0 to %d",
        of.rank(),
        of.size(),
        peer,
        of.size() - 1);
    memory(s, send, sent, "sent");
    memory(s, receive, received, "received");
    Check.that(
        sent == 0 || received == 0 || send + sent <= receive || receive + received <= send,
        "%d bytes sent from 0x%x and %d received at 0x%x overlap; receive elsewhere",
        sent,
        send,
        received,
        receive);
  }

  /** Of {@link Collective#broadcast}. */
  static void broadcast(Collective of, Stream s, long address, long bytes, int root) {
    Check.that(
        root >= 0 && root < of.size(),
        "a broadcast from rank %d of a group of %d; a root is a rank, 0 to %d",
        root,
        of.size(),
        of.size() - 1);
    memory(s, address, bytes, "broadcast");
  }

  /** Of {@link Collective#sum}. */
  static void sum(Stream s, long address, long bytes) {
    memory(s, address, bytes, "summed");
  }

  /** An exchange in words that are the same on both sides. */
  static String words(int rank, long sent, long received, int peer) {
    if (sent == received) {
      return "an exchange of " + sent + " bytes";
    }
    long ofLower = rank < peer ? sent : received;
    return "an exchange of %d bytes for %d".formatted(ofLower, sent + received - ofLower);
  }

  private static void memory(Stream s, long address, long bytes, String what) {
    Check.that(
        bytes >= 0 && bytes % 4 == 0 && address % 4 == 0 && (address != 0 || bytes == 0),
        "%d bytes %s at 0x%x; bytes and address are multiples of 4, and the address is not null",
        bytes,
        what,
        address);
    Check.that(
        !s.capturing(),
        "a collective call within a capture, which would be made once and not at each launch; call"
            + " it between graphs");
  }
}
