package dev.krongauss.dist;

import dev.krongauss.device.Check;
import dev.krongauss.device.ForeignLibrary;
import dev.krongauss.device.Stream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The ranks that {@code mpirun} or {@code srun} has started, one a process: MPI_COMM_WORLD of Open
 * MPI 4 to 6, of MPICH 4, 5 and libraries with its interface, or of a library with the standard
 * interface of MPI 5.0. The machine brings the library; nothing of it is linked.
 *
 * <p>Device memory goes through pinned host memory in pieces of {@value MpiStaging#PIECE} bytes,
 * while the piece behind it is on its way from the device; each piece waits once for its stream on
 * the host. An MPI that says that it takes CUDA's device addresses is given those, of a GPU; the
 * system property {@code krongauss.mpi.cuda} says {@code on}, {@code off} or {@code auto}, the
 * default. {@link #sum} always goes through the host. Every wait for another rank is polled ({@code
 * MPI_Test}), so that it ends with {@link #timeout}. With a message goes what its sender is about,
 * a call of all ranks begins with what each of them is about, and a rank that has waited for a
 * tenth of a second tells the others what it waits in: calls that do not meet are an error on both
 * sides, at once, that names both.
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

  private static boolean opened;

  private final MpiCalls calls;
  private final int rank;
  private final int size;
  private final Duration timeout;
  private final boolean anyThread;
  private final Thread first = Thread.currentThread();
  private final MpiWaits waits;
  private final MpiCuda cuda;
  private final MpiHostPath host;
  private final MpiDevicePath device;
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
    cuda = MpiCuda.of(calls);
    host = new MpiHostPath(calls, waits, rank);
    device = new MpiDevicePath(calls, waits, rank, size);
  }

  /**
   * Joins the other ranks; all of them call this, and it waits until they have. A rank that ends
   * before is not noticed by MPICH's launcher: what can fail in one rank alone, as reading a file,
   * comes behind this call. {@code MPI_Init} cannot be broken off, so that a warning is logged when
   * it has taken the time-out.
   *
   * @param timeout how long a call waits for another rank
   * @throws dev.krongauss.device.DeviceException if no library of MPI loads; the message has each
   *     that was tried and why
   * @throws CollectiveException if the library is not one that can be called, or not that of the
   *     launcher
   * @throws IllegalArgumentException if the time-out is not positive, {@code krongauss.mpi.cuda} is
   *     unknown, or this process has been here before
   */
  public static synchronized Mpi open(Duration timeout) {
    Check.that(
        !timeout.isNegative() && !timeout.isZero(),
        "a time-out of %s; it must be positive, for example PT1M",
        timeout);
    Check.that(!opened, "a process joins MPI once, and this one has; keep that group");
    MpiCuda.wanted();
    Ranks ranks = Ranks.fromEnvironment();
    MpiCalls calls = new MpiCalls(MpiLibrary.open());
    if (calls.abi() == MpiAbi.OPEN_MPI && Ranks.lacksPmix(System.getenv())) {
      LOG.warn(
          "srun has given this task no PMIx, without which Open MPI may end it now: srun --mpi=pmix");
    }
    opened = true;
    CompletableFuture<Void> late = sayIfLate(ranks, timeout);
    Mpi mpi = new Mpi(calls, timeout);
    late.cancel(false);
    mpi.checkLauncher(ranks);
    LOG.info("rank {} of {} on {}, {}", mpi.rank, mpi.size, mpi.engine(), calls.library());
    return mpi;
  }

  /** MPI_Init takes no time-out, and some launchers let ranks wait in it for one that has ended. */
  private static CompletableFuture<Void> sayIfLate(Ranks ranks, Duration timeout) {
    return CompletableFuture.runAsync(
        () ->
            LOG.warn(
                "{} has waited {} in MPI_Init, which waits for all ranks: look whether one has ended"
                    + " before its Mpi.open or was not started, and end mpirun then",
                ranks,
                timeout),
        CompletableFuture.delayedExecutor(timeout.toMillis(), TimeUnit.MILLISECONDS));
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
              + MpiLibrary.PROPERTY
              + Ranks.adviceForSrun(System.getenv()));
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
    MpiPath path = path(s);
    MpiCall call =
        enter(
            path == host ? MpiCall.Kind.EXCHANGE : MpiCall.Kind.EXCHANGE_BY_ADDRESS,
            peer,
            sentBytes,
            receivedBytes);
    path.exchange(s, call, send, receive);
    sent += sentBytes;
  }

  @Override
  public synchronized void broadcast(Stream s, long address, long bytes, int root) {
    Arguments.broadcast(this, s, address, bytes, root);
    MpiPath path = path(s);
    MpiCall call =
        enter(
            path == host ? MpiCall.Kind.BROADCAST : MpiCall.Kind.BROADCAST_BY_ADDRESS, root, bytes);
    if (size == 1) {
      return;
    }
    path.broadcast(s, call, address);
    sent += rank == root ? bytes : 0;
  }

  /** {@code MPI_Iallreduce}. */
  @Override
  public synchronized void sum(Stream s, long address, long bytes) {
    Arguments.sum(s, address, bytes);
    MpiCall call = enter(MpiCall.Kind.SUM, 0, bytes);
    if (size == 1) {
      return;
    }
    host.sum(s, call, address);
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
    return waits.count() + host.waits() + device.waits();
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
        MpiCall end = new MpiCall(number, MpiCall.Kind.END, 0, 0);
        waits.meet(end);
        waits.end(end);
        calls.finish();
      } catch (CollectiveException e) {
        LOG.warn("MPI is not left in order: {}", e.getMessage());
      }
    }
    if (waits.failure().isEmpty()) {
      host.close(); // else an operation that never ended may still use it
      device.close();
    }
  }

  private MpiPath path(Stream s) {
    return cuda.takes(s.device()) ? device : host;
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
