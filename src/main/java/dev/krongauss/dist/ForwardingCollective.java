package dev.krongauss.dist;

import dev.krongauss.device.Stream;
import java.time.Duration;
import java.util.List;

/** A group that passes all on to another one, but for what it does in its own way. */
public interface ForwardingCollective extends Collective {
  /** The other one; closing either closes both. */
  Collective group();

  @Override
  default int rank() {
    return group().rank();
  }

  @Override
  default int size() {
    return group().size();
  }

  @Override
  default String engine() {
    return group().engine();
  }

  @Override
  default void barrier() {
    group().barrier();
  }

  @Override
  default void exchange(
      Stream s, long send, long sentBytes, long receive, long receivedBytes, int peer) {
    group().exchange(s, send, sentBytes, receive, receivedBytes, peer);
  }

  @Override
  default void broadcast(Stream s, long address, long bytes, int root) {
    group().broadcast(s, address, bytes, root);
  }

  @Override
  default void sum(Stream s, long address, long bytes) {
    group().sum(s, address, bytes);
  }

  @Override
  default boolean anyOrder() {
    return group().anyOrder();
  }

  @Override
  default List<byte[]> allGather(byte[] mine) {
    return group().allGather(mine);
  }

  @Override
  default long sentBytes() {
    return group().sentBytes();
  }

  @Override
  default long waits() {
    return group().waits();
  }

  @Override
  default Duration timeout() {
    return group().timeout();
  }

  @Override
  default void close() {
    group().close();
  }
}
