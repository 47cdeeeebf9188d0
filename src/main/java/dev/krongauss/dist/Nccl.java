package dev.krongauss.dist;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.DeviceException;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Staging;
import dev.krongauss.device.Stream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ranks on NVIDIA's NCCL, one a process and a GPU: memory goes from device to device, on the
 * stream, and the host does not wait. On SoftCUDA its own library does the same between processes
 * of one machine, through shared memory.
 *
 * <p>What goes wrong with an exchange or a broadcast is known only when the stream has come to it:
 * the next call of this group says it, and on SoftCUDA also the next wait for the stream. A thread
 * of this class sees to it that waiting for another rank ends with {@link #timeout}, by aborting
 * NCCL's communicator.
 *
 * <p>The ranks find each other by an id of NCCL's, which rank 0 gets and gives to the others: by
 * {@link #open(Device, Ranks, Duration)} over a socket, by another group, or by means of the
 * caller's own ({@link #newId}). The system property {@code krongauss.nccl} names the library; else
 * it is {@code libnccl.so.2}.
 */
public final class Nccl implements Collective {
  private static final Logger LOG = LoggerFactory.getLogger(Nccl.class);
  private static final int ROUNDING = 4;

  private final Device device;
  private final NcclCalls calls;
  private final long communicator;
  private final int rank;
  private final int size;
  private final Duration timeout;
  private final NcclWatch watch;
  private final Arena arena;
  private final Buffer flag;
  private long number;
  private long sent;
  private long waits;
  private boolean closed;

  private Nccl(Device device, NcclCalls calls, byte[] id, int rank, int size, Duration timeout) {
    this.device = device;
    this.calls = calls;
    this.rank = rank;
    this.size = size;
    this.timeout = timeout;
    communicator = calls.join(id, rank, size);
    arena = device.newArena("NCCL");
    flag = arena.ints(1, "flag");
    watch =
        new NcclWatch(
            device, timeout, () -> calls.failure(communicator), () -> calls.abort(communicator));
    LOG.info("rank {} of {} on {}", rank, size, engine());
  }

  /**
   * An id for a group, on one rank; the others need its bytes.
   *
   * @throws DeviceException if there is no library
   */
  public static byte[] newId(Device device) {
    return new NcclCalls(device).newId();
  }

  /**
   * Joins the group of an id; all ranks call this.
   *
   * @param device this rank's own
   * @param id of {@link #newId}, the same bytes on each rank, for one group
   * @param timeout how long a call waits for another rank; NCCL's own start knows none
   * @throws DeviceException if there is no library
   * @throws CollectiveException if NCCL refuses
   * @throws IllegalArgumentException if the rank is none of the group, or the time-out not positive
   */
  public static Nccl open(Device device, byte[] id, int rank, int size, Duration timeout) {
    Check.that(rank >= 0 && rank < size, "rank %d of a group of %d", rank, size);
    Check.that(
        !timeout.isNegative() && !timeout.isZero(),
        "a time-out of %s; it must be positive, for example PT1M",
        timeout);
    return new Nccl(device, new NcclCalls(device), id, rank, size, timeout);
  }

  /**
   * Joins the ranks of another group, such as {@link Mpi}, which stays the caller's.
   *
   * @throws CollectiveException as {@link #open(Device, byte[], int, int, Duration)}
   */
  public static Nccl open(Device device, Collective others) {
    byte[] id = others.rank() == 0 ? newId(device) : new byte[0];
    return open(
        device, others.allGather(id).get(0), others.rank(), others.size(), others.timeout());
  }

  /**
   * Joins the ranks that a launcher has started; rank 0 gives its id to the others at the port
   * {@code MASTER_PORT} of the machine {@code MASTER_ADDR}.
   *
   * @throws CollectiveException if they do not find each other in time, or as above
   * @throws IllegalArgumentException if a variable is missing or wrong
   */
  public static Nccl open(Device device, Ranks ranks, Duration timeout) {
    byte[] id =
        ranks.size() == 1
            ? newId(device)
            : IdExchange.of(System.getenv(), ranks, timeout)
                .spread(ranks.rank() == 0 ? newId(device) : new byte[NcclCalls.ID_BYTES]);
    return open(device, id, ranks.rank(), ranks.size(), timeout);
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
    return calls.version() + (device.isSoftware() ? " of SoftCUDA" : "");
  }

  @Override
  public void barrier() {
    enter();
    Stream s = device.stream();
    s.clear(flag.pointer(), Integer.BYTES);
    watch.around(
        s, text("a barrier"), () -> calls.sum(communicator, flag.pointer(), 1, s.address()));
    finish(s);
  }

  @Override
  public void exchange(
      Stream s, long send, long sentBytes, long receive, long receivedBytes, int peer) {
    Arguments.exchange(this, s, send, sentBytes, receive, receivedBytes, peer);
    enter();
    if (sentBytes == 0 && receivedBytes == 0) {
      return;
    }
    watch.around(
        s,
        text(Arguments.words(rank, sentBytes, receivedBytes, peer) + " with rank " + peer),
        () ->
            calls.exchange(
                communicator, send, sentBytes, receive, receivedBytes, peer, s.address()));
    sent += sentBytes;
  }

  @Override
  public void broadcast(Stream s, long address, long bytes, int root) {
    Arguments.broadcast(this, s, address, bytes, root);
    enter();
    if (bytes == 0 || size == 1) {
      return;
    }
    watch.around(
        s,
        text("a broadcast of " + bytes + " bytes from rank " + root),
        () -> calls.broadcast(communicator, address, bytes, root, s.address()));
    sent += rank == root ? bytes : 0;
  }

  /** {@code ncclAllReduce}, then rank 0's for all: NCCL does not promise all the same bits. */
  @Override
  public void sum(Stream s, long address, long bytes) {
    Arguments.sum(s, address, bytes);
    enter();
    if (bytes == 0 || size == 1) {
      return;
    }
    watch.around(
        s,
        text("a sum of " + bytes + " bytes"),
        () -> {
          calls.sumFloats(communicator, address, bytes / Float.BYTES, s.address());
          calls.broadcast(communicator, address, bytes, 0, s.address());
        });
    sent += bytes;
  }

  /** By two rounds of broadcasts through device memory: lengths, then the bytes. */
  @Override
  public List<byte[]> allGather(byte[] mine) {
    enter();
    byte[] length = ByteBuffer.allocate(4).putInt(mine.length).array();
    List<Integer> lengths = new ArrayList<>();
    for (byte[] of : round(length, Collections.nCopies(size, 4))) {
      lengths.add(ByteBuffer.wrap(of).getInt());
    }
    return round(mine, lengths);
  }

  private List<byte[]> round(byte[] mine, List<Integer> lengths) {
    List<byte[]> all = new ArrayList<>();
    for (int root = 0; root < size; root++) {
      all.add(fromRoot(root == rank ? mine : new byte[lengths.get(root)], root));
    }
    return all;
  }

  private byte[] fromRoot(byte[] bytes, int root) {
    if (bytes.length == 0 || size == 1) {
      return bytes.clone();
    }
    Stream s = device.stream();
    int floats = (bytes.length + ROUNDING - 1) / ROUNDING;
    try (Arena room = device.newArena("gathered");
        Staging staging = device.staging((long) ROUNDING * floats)) {
      Matrix row = room.matrix(1, floats, "bytes");
      staging.bytes().put(0, bytes);
      staging.copyCompactTo(row, s);
      watch.around(
          s,
          text("allGather from rank " + root),
          () ->
              calls.broadcast(
                  communicator, row.pointer(), (long) ROUNDING * floats, root, s.address()));
      staging.copyCompactFrom(row, s);
      finish(s);
      byte[] got = new byte[bytes.length];
      staging.bytes().get(0, got);
      return got;
    }
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
    return timeout;
  }

  /** Waits for this rank's calls, and leaves; after an error it aborts, which ends the others. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      if (watch.close()) {
        calls.leave(communicator);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    arena.close();
  }

  private void enter() {
    Check.that(!closed, "rank %d has left the group of %d", rank, size);
    if (!watch.failure().isEmpty()) {
      throw new CollectiveException(
          "the group is of no use since: %s; close it, and go on from the last checkpoint"
              .formatted(watch.failure()));
    }
    number++;
  }

  private String text(String what) {
    return "rank " + rank + " of " + size + " in " + what + ", its call " + number + ",";
  }

  /** Waits on the host; a failure of the device says what the group's was, where it was that. */
  private void finish(Stream s) {
    waits++;
    try {
      s.synchronize();
    } catch (DeviceException e) {
      throw new CollectiveException(e.getMessage(), e);
    }
    if (!watch.failure().isEmpty()) {
      throw new CollectiveException(watch.failure());
    }
  }
}
