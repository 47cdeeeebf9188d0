package dev.krongauss.dist;

import dev.krongauss.device.Stream;
import java.time.Duration;
import java.util.List;

/** A group whose sums may be taken in any order; all else is the group's. */
record AnyOrder(Collective group) implements Collective {
  @Override
  public int rank() {
    return group.rank();
  }

  @Override
  public int size() {
    return group.size();
  }

  @Override
  public String engine() {
    return group.engine();
  }

  @Override
  public void barrier() {
    group.barrier();
  }

  @Override
  public void exchange(
      Stream s, long send, long sentBytes, long receive, long receivedBytes, int peer) {
    group.exchange(s, send, sentBytes, receive, receivedBytes, peer);
  }

  @Override
  public void broadcast(Stream s, long address, long bytes, int root) {
    group.broadcast(s, address, bytes, root);
  }

  @Override
  public void sum(Stream s, long address, long bytes) {
    group.sum(s, address, bytes);
  }

  @Override
  public boolean anyOrder() {
    return true;
  }

  @Override
  public Collective inAnyOrder() {
    return this;
  }

  @Override
  public List<byte[]> allGather(byte[] mine) {
    return group.allGather(mine);
  }

  @Override
  public long sentBytes() {
    return group.sentBytes();
  }

  @Override
  public long waits() {
    return group.waits();
  }

  @Override
  public Duration timeout() {
    return group.timeout();
  }

  @Override
  public void close() {
    group.close();
  }
}
