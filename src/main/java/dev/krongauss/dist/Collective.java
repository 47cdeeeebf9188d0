package dev.krongauss.dist;

import dev.krongauss.device.Stream;
import java.time.Duration;
import java.util.List;

/**
 * One rank of a group of ranks, each with a device of its own. All ranks make the same calls in the
 * same order; exchanges are made in pairs. A rank that does not come within {@link #timeout} is an
 * error that names it, never a hang, and after an error the group is of no use: close it.
 *
 * <p>Device memory that a call was given must not change, nor be read, before the work enqueued on
 * its stream behind the call. A call may wait for the stream, so none can be captured in a graph.
 * For one thread at a time.
 */
public interface Collective extends AutoCloseable {
  /** This rank, from 0. */
  int rank();

  /** Ranks of the group, at least 1. */
  int size();

  /** The engine, with its version: for logs and tables. */
  String engine();

  /**
   * Waits on the host until all ranks have called this.
   *
   * @throws CollectiveException if one does not come in time, has failed or has left
   */
  void barrier();

  /**
   * Swaps device memory with another rank, which calls this with as many bytes and this rank as its
   * peer. Ordered on the stream.
   *
   * @param send device address of what the peer gets; a multiple of 4
   * @param receive device address of where the peer's comes to; the two do not overlap
   * @param bytes a multiple of 4; 0 does nothing on either side
   * @throws IllegalArgumentException if the peer is this rank or none, an address is null or no
   *     multiple of 4, the memory overlaps, or the stream is being captured
   * @throws CollectiveException as {@link #barrier}, or if the peer calls something else
   */
  default void exchange(Stream s, long send, long receive, long bytes, int peer) {
    exchange(s, send, bytes, receive, bytes, peer);
  }

  /**
   * The same of other lengths in the two directions.
   *
   * @param sentBytes a multiple of 4, what the peer receives
   * @param receivedBytes a multiple of 4, what the peer sends
   * @throws IllegalArgumentException as {@link #exchange(Stream, long, long, long, int)}
   * @throws CollectiveException as there
   */
  void exchange(Stream s, long send, long sentBytes, long receive, long receivedBytes, int peer);

  /**
   * Copies device memory of one rank to all others. Ordered on the stream.
   *
   * @param address of what root sends, and of where it comes to on the others; a multiple of 4
   * @param bytes a multiple of 4; 0 does nothing on any rank
   * @param root the rank that sends
   * @throws IllegalArgumentException as {@link #exchange(Stream, long, long, long, int)}
   * @throws CollectiveException as there
   */
  void broadcast(Stream s, long address, long bytes, int root);

  /**
   * Replaces floats of device memory by their sums over all ranks, by the engine's own all-reduce:
   * in an order of its own, which may depend on the number of ranks, on the length and on the
   * engine's version. All ranks get the same bits. Ordered on the stream.
   *
   * @param address of the floats, a multiple of 4
   * @param bytes a multiple of 4; 0 does nothing on any rank
   * @throws IllegalArgumentException as {@link #exchange(Stream, long, long, long, int)}
   * @throws CollectiveException as there
   */
  void sum(Stream s, long address, long bytes);

  /**
   * Whether sums over the ranks may be taken in any order, by {@link #sum}; else they are taken in
   * that of one binary tree, by exchanges.
   */
  default boolean anyOrder() {
    return false;
  }

  /**
   * This group, with sums in any order, for speed: what is trained by it depends on the number of
   * ranks by rounding, and is the same on all of them. Closing either closes the group.
   */
  default Collective inAnyOrder() {
    return new AnyOrder(this);
  }

  /**
   * Gathers something small of each rank on the host, as digests and ids are; waits.
   *
   * @param mine this rank's; as long as it likes
   * @return that of each rank, in the ranks' order; the caller's own copies
   * @throws CollectiveException as {@link #barrier}
   */
  List<byte[]> allGather(byte[] mine);

  /**
   * Bytes of device memory that this rank has sent in exchanges, given to {@link #sum}, and as the
   * root to {@link #broadcast}, since the group was made: what it has sent, but for how the engine
   * spreads a broadcast.
   */
  long sentBytes();

  /**
   * How often a call of this rank has waited on the host, for its stream or for another rank, since
   * the group was made: work that was enqueued before goes on meanwhile, nothing new is enqueued.
   */
  long waits();

  /** How long a call waits for another rank before it is an error. */
  Duration timeout();

  /** Leaves the group; ranks that wait for this one get an error. Closing twice does nothing. */
  @Override
  void close();
}
