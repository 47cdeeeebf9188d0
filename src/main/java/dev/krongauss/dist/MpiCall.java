package dev.krongauss.dist;

import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.Optional;

/**
 * What a rank is about in a call: what its messages carry, so that ranks which are about different
 * things say so.
 *
 * @param number of the rank's calls, from 1
 * @param other the peer of an exchange, the root of a broadcast; else 0
 * @param bytes of the call; of a gather the rank's own, of an exchange what it sends
 * @param received bytes that come in an exchange; else those of the call
 */
record MpiCall(long number, Kind kind, int other, long bytes, long received) {
  /** Bytes of a label. */
  static final int LABEL = 40;

  /** Of labels of this library. */
  private static final long MARK = 0x6b726f6e67617573L;

  enum Kind {
    BARRIER("a barrier"),
    GATHER("allGather"),
    BROADCAST("a broadcast of %2$d bytes from rank %1$d"),
    SUM("a sum of %2$d bytes"),
    EXCHANGE("%3$s with rank %1$d"),
    BROADCAST_BY_ADDRESS("a broadcast of %2$d bytes from rank %1$d by device addresses"),
    EXCHANGE_BY_ADDRESS("%3$s with rank %1$d by device addresses"),
    END("the end of the group");

    final String text;

    Kind(String text) {
      this.text = text;
    }
  }

  MpiCall(long number, Kind kind, int other, long bytes) {
    this(number, kind, other, bytes, bytes);
  }

  /** The call in words. */
  String text() {
    String exchange =
        bytes == received
            ? "an exchange of " + bytes + " bytes"
            : "an exchange of " + bytes + " bytes for " + received;
    return String.format(Locale.ROOT, kind.text, other, bytes, exchange);
  }

  /** The same with its number. */
  String numbered() {
    return "call " + number + ", " + text();
  }

  void write(ByteBuffer to, int at) {
    to.putLong(at, MARK);
    to.putLong(at + 8, number);
    to.putInt(at + 16, kind.ordinal());
    to.putInt(at + 20, other);
    to.putLong(at + 24, bytes);
    to.putLong(at + 32, received);
  }

  /** Empty if there is no label. */
  static Optional<MpiCall> read(ByteBuffer from, int at) {
    if (at < 0 || from.getLong(at) != MARK) {
      return Optional.empty();
    }
    Kind kind = Kind.values()[from.getInt(at + 16)];
    return Optional.of(
        new MpiCall(
            from.getLong(at + 8),
            kind,
            from.getInt(at + 20),
            from.getLong(at + 24),
            from.getLong(at + 32)));
  }

  /** Whether this call of rank {@code me} and that of rank {@code them} are of one program. */
  boolean fits(int me, MpiCall theirs, int them) {
    if (number != theirs.number || kind != theirs.kind) {
      return false;
    }
    return switch (kind) {
      case BARRIER, END, GATHER -> true;
      case BROADCAST, BROADCAST_BY_ADDRESS, SUM -> other == theirs.other && bytes == theirs.bytes;
      case EXCHANGE, EXCHANGE_BY_ADDRESS ->
          (other == them) == (theirs.other == me)
              && (other != them || bytes == theirs.received && received == theirs.bytes);
    };
  }
}
