package dev.krongauss.dist;

import dev.krongauss.device.Check;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Staging;
import dev.krongauss.device.Stream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Ranks that are threads of one JVM, each with a {@link dev.krongauss.device.Device} of its own.
 * Memory goes through the host in pieces, since two devices need not reach each other; every call
 * waits for its stream.
 */
public final class Threads implements Collective {
  private static final int PIECE = 16 << 20;

  private final Meeting meeting;
  private final int rank;
  private Staging outgoing;
  private Staging incoming;
  private long sent;
  private long waits;
  private boolean closed;

  private Threads(Meeting meeting, int rank) {
    this.meeting = meeting;
    this.rank = rank;
  }

  /**
   * A group of this JVM: one for each thread, in the ranks' order.
   *
   * @param size ranks, at least 1
   * @param timeout positive
   * @throws IllegalArgumentException if one of them is not
   */
  public static List<Collective> group(int size, Duration timeout) {
    Check.that(size >= 1, "a group of %d ranks; at least 1 is needed", size);
    Check.that(
        !timeout.isNegative() && !timeout.isZero(),
        "a time-out of %s; it must be positive, for example PT1M",
        timeout);
    Meeting meeting = new Meeting(size, timeout);
    List<Collective> ranks = new ArrayList<>();
    for (int r = 0; r < size; r++) {
      ranks.add(new Threads(meeting, r));
    }
    return ranks;
  }

  @Override
  public int rank() {
    return rank;
  }

  @Override
  public int size() {
    return meeting.size();
  }

  @Override
  public String engine() {
    return "threads";
  }

  @Override
  public void barrier() {
    waits++;
    meeting.gather(rank, new Meeting.Post("barrier", null));
  }

  @Override
  public void exchange(
      Stream s, long send, long sentBytes, long receive, long receivedBytes, int peer) {
    Arguments.exchange(this, s, send, sentBytes, receive, receivedBytes, peer);
    String call = Arguments.words(rank, sentBytes, receivedBytes, peer);
    for (long at = 0; at < Math.max(sentBytes, receivedBytes); at += PIECE) {
      take(s, send + at, piece(sentBytes, at));
      waits += 2;
      Meeting.Post theirs = meeting.swap(rank, peer, new Meeting.Post(call, outgoing.bytes()));
      give(s, theirs.content(), receive + at, piece(receivedBytes, at));
      meeting.swap(rank, peer, new Meeting.Post(call + ", received", null));
    }
    sent += sentBytes;
  }

  @Override
  public void broadcast(Stream s, long address, long bytes, int root) {
    Arguments.broadcast(this, s, address, bytes, root);
    String call = "a broadcast of " + bytes + " bytes from rank " + root;
    for (long at = 0; size() > 1 && at < bytes; at += PIECE) {
      int piece = (int) Math.min(PIECE, bytes - at);
      if (rank == root) {
        take(s, address + at, piece);
      }
      waits += 2;
      ByteBuffer mine = rank == root ? outgoing.bytes() : null;
      List<Meeting.Post> all = meeting.gather(rank, new Meeting.Post(call, mine));
      if (rank != root) {
        give(s, all.get(root).content(), address + at, piece);
      }
      meeting.gather(rank, new Meeting.Post(call + ", received", null));
    }
    sent += rank == root && size() > 1 ? bytes : 0;
  }

  /** On each rank's host, in the ranks' order. */
  @Override
  public void sum(Stream s, long address, long bytes) {
    Arguments.sum(s, address, bytes);
    String call = "a sum of " + bytes + " bytes";
    for (long at = 0; size() > 1 && at < bytes; at += PIECE) {
      int piece = (int) Math.min(PIECE, bytes - at);
      take(s, address + at, piece);
      ByteBuffer sums = ByteBuffer.allocate(piece).order(ByteOrder.nativeOrder());
      waits += 2;
      for (Meeting.Post theirs : meeting.gather(rank, new Meeting.Post(call, outgoing.bytes()))) {
        FloatBuffer of =
            theirs.content().duplicate().order(ByteOrder.nativeOrder()).asFloatBuffer();
        for (int i = 0; i < piece / Float.BYTES; i++) {
          sums.putFloat(Float.BYTES * i, sums.getFloat(Float.BYTES * i) + of.get(i));
        }
      }
      give(s, sums, address + at, piece);
      meeting.gather(rank, new Meeting.Post(call + ", received", null));
    }
    sent += size() > 1 ? bytes : 0;
  }

  @Override
  public List<byte[]> allGather(byte[] mine) {
    Meeting.Post post = new Meeting.Post("allGather", ByteBuffer.wrap(mine.clone()));
    List<byte[]> all = new ArrayList<>();
    waits++;
    for (Meeting.Post theirs : meeting.gather(rank, post)) {
      all.add(theirs.content().array().clone());
    }
    return all;
  }

  @Override
  public long sentBytes() {
    return sent;
  }

  @Override
  public long waits() {
    return waits;
  }

  @Override
  public Duration timeout() {
    return meeting.timeout();
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    meeting.leave(rank);
    if (outgoing != null) {
      outgoing.close();
      incoming.close();
    }
  }

  private static int piece(long bytes, long at) {
    return (int) Math.max(0, Math.min(PIECE, bytes - at));
  }

  /** Device to host; waits, so that the peer finds it there. */
  private void take(Stream s, long address, int bytes) {
    reserve(s, Math.max(bytes, Float.BYTES));
    if (bytes == 0) {
      return;
    }
    outgoing.copyCompactFrom(row(address, bytes), s);
    waits++;
    s.synchronize();
  }

  /** Host to device; waits, so that the next piece may come. */
  private void give(Stream s, ByteBuffer theirs, long address, int bytes) {
    if (bytes == 0) {
      return;
    }
    reserve(s, bytes);
    incoming.bytes().put(0, theirs, 0, bytes);
    incoming.copyCompactTo(row(address, bytes), s);
    waits++;
    s.synchronize();
  }

  private void reserve(Stream s, int bytes) {
    if (outgoing != null && outgoing.bytes().capacity() >= bytes) {
      return;
    }
    if (outgoing != null) {
      outgoing.close();
      incoming.close();
    }
    outgoing = s.device().staging(bytes);
    incoming = s.device().staging(bytes);
  }

  private static Matrix row(long address, int bytes) {
    int floats = bytes / Float.BYTES;
    return Matrix.wrap(address, 1, floats, Matrix.paddedStride(floats));
  }
}
