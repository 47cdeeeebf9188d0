package dev.krongauss.dist;

import dev.krongauss.device.Event;
import dev.krongauss.device.ForeignLibrary;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Staging;
import dev.krongauss.device.Stream;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/**
 * Pinned memory on the way between a device and MPI: two pieces out and two in, so that one is
 * copied while the other travels. Behind a piece lies its label: what its sender is about.
 */
final class MpiStaging {
  /** Bytes of device memory in a message, at most. */
  static final int PIECE = 4 << 20;

  /** Bytes of a message with its label, at most. */
  static final int MESSAGE = PIECE + MpiCall.LABEL;

  /** A part of the memory that a call was given. */
  final class Piece {
    private final long offset;
    private final int bytes;
    private final int received;
    private final int slot;

    private Piece(long offset, int bytes, int received, int slot) {
      this.offset = offset;
      this.bytes = bytes;
      this.received = received;
      this.slot = slot;
    }

    int bytes() {
      return bytes;
    }

    int messageBytes() {
      return bytes + MpiCall.LABEL;
    }

    /** Address of the message that goes out. */
    long message() {
      return ForeignLibrary.addressOf(outgoing.get(slot).bytes());
    }

    void label(MpiCall call) {
      call.write(outgoing.get(slot).bytes(), bytes);
    }
  }

  private final List<Staging> outgoing = new ArrayList<>();
  private final List<Staging> incoming = new ArrayList<>();
  private final List<Event> taken = new ArrayList<>();
  private final List<Event> given = new ArrayList<>();
  private Stream stream;
  private long waits;

  /** Pieces of this stream come now; those of another one have ended then. */
  void begin(Stream s) {
    if (outgoing.isEmpty()) {
      for (int i = 0; i < 2; i++) {
        outgoing.add(s.device().staging(MESSAGE));
        incoming.add(s.device().staging(MESSAGE));
        taken.add(s.device().newEvent());
        given.add(s.device().newEvent());
      }
    } else if (stream != s) {
      given.forEach(Event::synchronize); // not the stream: what lies behind may take long
      waits++;
    }
    stream = s;
  }

  /** How often this has waited on the host. */
  long waits() {
    return waits;
  }

  /**
   * The memory piece by piece. With a piece the copy of the next one has begun, and its own has
   * ended.
   *
   * @param send device address of what is copied out; 0 for nothing
   * @param bytes of it
   * @param received that come in its place
   */
  Iterable<Piece> pieces(long send, long bytes, long received) {
    return () ->
        new Iterator<>() {
          private int next;

          @Override
          public boolean hasNext() {
            return (long) next * PIECE < Math.max(bytes, received);
          }

          @Override
          public Piece next() {
            Piece piece = piece(next, bytes, received);
            if (next == 0) {
              take(piece, send);
            }
            // What came into this slot before has gone to the device, too: the same stream.
            taken.get(piece.slot).synchronize();
            waits++;
            next++;
            if (hasNext()) {
              take(piece(next, bytes, received), send);
            }
            return piece;
          }
        };
  }

  private Piece piece(int index, long bytes, long received) {
    long offset = (long) index * PIECE;
    return new Piece(offset, within(bytes - offset), within(received - offset), index % 2);
  }

  private static int within(long left) {
    return (int) Math.max(0, Math.min(PIECE, left));
  }

  private void take(Piece piece, long send) {
    if (send != 0 && piece.bytes > 0) {
      outgoing.get(piece.slot).copyCompactFrom(row(send + piece.offset, piece.bytes), stream);
    }
    taken.get(piece.slot).record(stream);
  }

  /** Where a message comes to. */
  long incoming(Piece piece) {
    return ForeignLibrary.addressOf(incoming.get(piece.slot).bytes());
  }

  /** The label of the message that has come, of so many bytes; empty if it has none. */
  Optional<MpiCall> label(Piece piece, int count) {
    return MpiCall.read(incoming.get(piece.slot).bytes(), count - MpiCall.LABEL);
  }

  /** Enqueues the copy of what has come to the device. */
  void give(Piece piece, long receive) {
    if (piece.received > 0) {
      incoming.get(piece.slot).copyCompactTo(row(receive + piece.offset, piece.received), stream);
    }
    given.get(piece.slot).record(stream);
  }

  private static Matrix row(long address, int bytes) {
    int floats = bytes / Float.BYTES;
    return Matrix.wrap(address, 1, floats, Matrix.paddedStride(floats));
  }

  void close() {
    outgoing.forEach(Staging::close);
    incoming.forEach(Staging::close);
    taken.forEach(Event::close);
    given.forEach(Event::close);
  }
}
