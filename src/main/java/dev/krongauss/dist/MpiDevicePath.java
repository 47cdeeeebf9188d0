package dev.krongauss.dist;

import dev.krongauss.device.Event;
import dev.krongauss.device.ForeignLibrary;
import dev.krongauss.device.Stream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * By device addresses, of which MPI is given nothing but messages between two ranks: collective
 * calls that do not block are what Open MPI leaves out. The host waits for the stream first, which
 * MPI knows nothing of.
 *
 * <p>What a rank is about goes ahead, from host memory, while the stream ends; memory is named to
 * MPI once that fits, so that nothing is written where nobody expects it.
 */
final class MpiDevicePath implements MpiPath {
  /** Bytes of a message at most, many of which are under way at a time. */
  private static final int PIECE = MpiStaging.PIECE;

  private final MpiCalls calls;
  private final MpiWaits waits;
  private final int rank;
  private final int size;
  private final ByteBuffer labels = MpiCalls.direct(2 * MpiCall.LABEL); // mine, theirs
  private Event enqueued;
  private long count;

  MpiDevicePath(MpiCalls calls, MpiWaits waits, int rank, int size) {
    this.calls = calls;
    this.waits = waits;
    this.rank = rank;
    this.size = size;
  }

  @Override
  public void exchange(Stream s, MpiCall call, long send, long receive) {
    if (call.bytes() == 0 && call.received() == 0) {
      return;
    }
    int peer = call.other();
    String whom = "rank " + peer;
    call.write(labels, 0);
    long label = ForeignLibrary.addressOf(labels);
    MpiCalls.Request theirs =
        calls.receive(label + MpiCall.LABEL, MpiCall.LABEL, peer, MpiCalls.LABELS);
    MpiCalls.Request mine = calls.send(label, MpiCall.LABEL, peer, MpiCalls.LABELS);
    tell(s, send, call.bytes(), false);
    tell(s, receive, call.received(), true);
    awaitDevice(s);
    waits.await(call, whom, theirs, mine);
    check(call, theirs.count());
    List<MpiCalls.Request> underWay = new ArrayList<>();
    receive(receive, call.received(), peer, underWay);
    send(send, call.bytes(), peer, underWay);
    waits.await(call, whom, underWay.toArray(MpiCalls.Request[]::new));
  }

  private void check(MpiCall call, int bytes) {
    Optional<MpiCall> theirs =
        bytes == MpiCall.LABEL ? MpiCall.read(labels, MpiCall.LABEL) : Optional.empty();
    if (theirs.isEmpty() || !call.fits(rank, theirs.get(), call.other())) {
      throw waits.differ(call, call.other(), theirs);
    }
  }

  /**
   * Along a binomial tree: places count from the root, each sends to those above its lowest bit.
   */
  @Override
  public void broadcast(Stream s, MpiCall call, long address) {
    int root = call.other();
    int place = Math.floorMod(rank - root, size);
    MpiCalls.Request met = waits.announce(call);
    tell(s, address, call.bytes(), place != 0);
    awaitDevice(s);
    waits.settle(call, met);
    int above = place == 0 ? 2 * Integer.highestOneBit(size - 1) : Integer.lowestOneBit(place);
    List<MpiCalls.Request> underWay = new ArrayList<>();
    if (place != 0) {
      int from = (place - above + root) % size;
      receive(address, call.bytes(), from, underWay);
      waits.await(call, "rank " + from, underWay.toArray(MpiCalls.Request[]::new));
    }
    underWay.clear();
    for (int distance = above / 2; distance >= 1; distance /= 2) {
      if (place + distance < size) {
        send(address, call.bytes(), (place + distance + root) % size, underWay);
      }
    }
    if (!underWay.isEmpty()) {
      waits.await(call, waits.allOthers(), underWay.toArray(MpiCalls.Request[]::new));
    }
  }

  private void receive(long address, long bytes, int from, List<MpiCalls.Request> to) {
    for (long at = 0; at < bytes; at += PIECE) {
      int count = (int) Math.min(PIECE, bytes - at);
      to.add(calls.receive(address + at, count, from, MpiCalls.DATA));
    }
  }

  private void send(long address, long bytes, int peer, List<MpiCalls.Request> to) {
    for (long at = 0; at < bytes; at += PIECE) {
      int count = (int) Math.min(PIECE, bytes - at);
      to.add(calls.send(address + at, count, peer, MpiCalls.DATA));
    }
  }

  private static void tell(Stream s, long address, long bytes, boolean written) {
    if (bytes > 0) {
      s.outside("MPI", address, bytes, written);
    }
  }

  private void awaitDevice(Stream s) {
    if (enqueued == null) {
      enqueued = s.device().newEvent();
    }
    enqueued.record(s);
    enqueued.synchronize();
    count++;
  }

  @Override
  public long waits() {
    return count;
  }

  @Override
  public void close() {
    if (enqueued != null) {
      enqueued.close();
    }
  }
}
