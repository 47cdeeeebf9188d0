package dev.krongauss.dist;

import dev.krongauss.device.Check;
import dev.krongauss.device.ForeignLibrary;
import dev.krongauss.device.Stream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The ranks that {@code mpirun} or {@code srun} has started, one a process: MPI_COMM_WORLD of Open
 * MPI 4 or 5, of MPICH 4 and libraries with its interface, or of a library with the standard
 * interface of MPI 5.0. The machine brings the library; nothing of it is linked.
 *
 * <p>Device memory goes through pinned host memory in pieces of {@value MpiStaging#PIECE} bytes,
 * while the piece behind it is on its way from the device; each piece waits once for its stream on
 * the host. Every wait for another rank is polled ({@code MPI_Test}), so that it ends with {@link
 * #timeout}. With a message goes what its sender is about, a call of all ranks begins with what
 * each of them is about, and a rank that has waited for a tenth of a second tells the others what
 * it waits in: calls that do not meet are an error on both sides, at once, that names both.
 *
 * <p>What becomes of a rank that is killed is the launcher's: {@code mpirun} of both Open MPI and
 * MPICH ends all ranks as soon as one dies or exits without having left MPI, with a message and a
 * status that is not 0. A rank that is merely slow, or hangs, is found by the time-out. After an
 * error {@link #close} does not leave MPI, since that waits for the others: let the exception end
 * the process, so that the launcher ends them.
 *
 * <p>The system property {@code krongauss.mpi} names the library, as {@code dlopen} takes it; else
 * that of the launcher is looked for. One per process, since MPI begins and ends once.
 */
public final class Mpi implements Collective {
  private static final Logger LOG = LoggerFactory.getLogger(Mpi.class);

  /** Of messages that carry what calls were given. */
  private static final int DATA = 0;

  private static boolean opened;

  private final MpiCalls calls;
  private final int rank;
  private final int size;
  private final Duration timeout;
  private final boolean anyThread;
  private final Thread first = Thread.currentThread();
  private final MpiStaging staging = new MpiStaging();
  private final MpiWaits waits;
  private long number;
  private long sent;
  private boolean closed;

  private Mpi(MpiCalls calls, Duration timeout) {
    this.calls = calls;
    this.timeout = timeout;
    Check.that(
        !calls.initialised() && !calls.finalised(),
        "this process has called MPI already; leave MPI_Init and MPI_Finalize to Mpi.open and"
            + " close");
    anyThread = calls.initialise();
    rank = calls.ofWorld("MPI_Comm_rank");
    size = calls.ofWorld("MPI_Comm_size");
    waits = new MpiWaits(calls, rank, size, timeout);
  }

  /**
   * Joins the other ranks; all of them call this.
   *
   * @param timeout how long a call waits for another rank
   * @throws dev.krongauss.device.DeviceException if no library of MPI loads; the message has each
   *     that was tried and why
   * @throws CollectiveException if the library is not one that can be called, or not that of the
   *     launcher
   * @throws IllegalArgumentException if the time-out is not positive, or this process has been here
   *     before
   */
  public static synchronized Mpi open(Duration timeout) {
    Check.that(
        !timeout.isNegative() && !timeout.isZero(),
        "a time-out of %s; it must be positive, for example PT1M",
        timeout);
    Check.that(!opened, "a process joins MPI once, and this one has; keep that group");
    Ranks ranks = Ranks.fromEnvironment();
    MpiCalls calls = new MpiCalls(MpiLibrary.open());
    opened = true;
    Mpi mpi = new Mpi(calls, timeout);
    mpi.checkLauncher(ranks);
    LOG.info("rank {} of {} on {}, {}", mpi.rank, mpi.size, mpi.engine(), calls.library());
    return mpi;
  }

  /** A library that knows nothing of the launcher begins a group of one, in each process. */
  private void checkLauncher(Ranks ranks) {
    if (ranks.size() != size || ranks.rank() != rank) {
      throw waits.fail(
          "this process is "
              + ranks
              + ", but rank "
              + rank
              + " of "
              + size
              + " for "
              + calls.library()
              + " ("
              + engine()
              + "): launcher and library belong to different MPIs, so use the mpirun of that"
              + " library, or name the launcher's with -D"
              + MpiLibrary.PROPERTY);
    }
  }

  @Override
  public int rank() {
    return rank;
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public String engine() {
    return calls.version();
  }

  @Override
  public synchronized void barrier() {
    waits.meet(enter(MpiCall.Kind.BARRIER, 0, 0));
  }

  @Override
  public synchronized void exchange(
      Stream s, long send, long sentBytes, long receive, long receivedBytes, int peer) {
    Arguments.exchange(this, s, send, sentBytes, receive, receivedBytes, peer);
    MpiCall call = enter(MpiCall.Kind.EXCHANGE, peer, sentBytes, receivedBytes);
    staging.begin(s);
    for (MpiStaging.Piece piece : staging.pieces(send, sentBytes, receivedBytes)) {
      piece.label(call);
      MpiCalls.Request in = calls.receive(staging.incoming(piece), MpiStaging.MESSAGE, peer, DATA);
      MpiCalls.Request out = calls.send(piece.message(), piece.messageBytes(), peer, DATA);
      waits.await(call, "rank " + peer, in, out);
      Optional<MpiCall> theirs = staging.label(piece, in.count());
      if (theirs.isEmpty() || !call.fits(rank, theirs.get(), peer)) {
        throw waits.differ(call, peer, theirs);
      }
      staging.give(piece, receive);
    }
    sent += sentBytes;
  }

  @Override
  public synchronized void broadcast(Stream s, long address, long bytes, int root) {
    Arguments.broadcast(this, s, address, bytes, root);
    MpiCall call = enter(MpiCall.Kind.BROADCAST, root, bytes);
    if (size == 1) {
      return;
    }
    MpiCalls.Request met = waits.announce(call); // while the first piece comes from the device
    staging.begin(s);
    for (MpiStaging.Piece piece : staging.pieces(rank == root ? address : 0, bytes, bytes)) {
      waits.settle(call, met);
      long place = rank == root ? piece.message() : staging.incoming(piece);
      String others = rank == root ? waits.allOthers() : "rank " + root;
      waits.await(call, others, calls.broadcast(place, piece.bytes(), root));
      if (rank != root) {
        staging.give(piece, address);
      }
    }
    waits.settle(call, met);
    sent += rank == root ? bytes : 0;
  }

  /** {@code MPI_Iallreduce}, piece by piece. */
  @Override
  public synchronized void sum(Stream s, long address, long bytes) {
    Arguments.sum(s, address, bytes);
    MpiCall call = enter(MpiCall.Kind.SUM, 0, bytes);
    if (size == 1) {
      return;
    }
    MpiCalls.Request met = waits.announce(call);
    staging.begin(s);
    for (MpiStaging.Piece piece : staging.pieces(address, bytes, bytes)) {
      waits.settle(call, met);
      int floats = piece.bytes() / Float.BYTES;
      waits.await(
          call, waits.allOthers(), calls.sum(piece.message(), staging.incoming(piece), floats));
      staging.give(piece, address);
    }
    waits.settle(call, met);
    sent += bytes;
  }

  @Override
  public synchronized List<byte[]> allGather(byte[] mine) {
    MpiCall call = enter(MpiCall.Kind.GATHER, 0, mine.length);
    List<MpiCall> met = waits.meet(call);
    int most = (int) met.stream().mapToLong(MpiCall::bytes).max().orElseThrow();
    ByteBuffer part = MpiCalls.direct(most).put(0, mine);
    ByteBuffer all = MpiCalls.direct(Math.multiplyExact(size, most));
    waits.await(
        call,
        waits.allOthers(),
        calls.gather(ForeignLibrary.addressOf(part), most, ForeignLibrary.addressOf(all)));
    List<byte[]> parts = new ArrayList<>();
    for (int r = 0; r < size; r++) {
      byte[] bytes = new byte[(int) met.get(r).bytes()];
      all.get(r * most, bytes);
      parts.add(bytes);
    }
    return parts;
  }

  @Override
  public long sentBytes() {
    return sent;
  }

  @Override
  public long waits() {
    return waits.count() + staging.waits();
  }

  @Override
  public Duration timeout() {
    return timeout;
  }

  /**
   * Leaves MPI when all ranks have come to this, and frees what the group holds. After an error, or
   * if a rank does not come in time, MPI is left to the end of the process.
   */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    if (waits.failure().isEmpty()) {
      try {
        number++;
        waits.meet(new MpiCall(number, MpiCall.Kind.END, 0, 0));
        waits.end();
        calls.finish();
      } catch (CollectiveException e) {
        LOG.warn("MPI is not left in order: {}", e.getMessage());
      }
    }
    if (waits.failure().isEmpty()) {
      staging.close(); // else an operation that never ended may still use it
    }
  }

  private MpiCall enter(MpiCall.Kind kind, int other, long bytes) {
    return enter(kind, other, bytes, bytes);
  }

  private MpiCall enter(MpiCall.Kind kind, int other, long bytes, long received) {
    Check.that(!closed, "rank %d has left the group of %d", rank, size);
    if (!waits.failure().isEmpty()) {
      throw new CollectiveException(
          "the group is of no use since: "
              + waits.failure()
              + "; end this process, which ends the others");
    }
    Check.that(
        anyThread || Thread.currentThread() == first,
        "%s was called by %s and lets only the thread that opened it, %s, call it",
        engine(),
        Thread.currentThread().getName(),
        first.getName());
    number++;
    return new MpiCall(number, kind, other, bytes, received);
  }
}
