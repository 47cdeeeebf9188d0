package dev.krongauss.optim;

import dev.krongauss.device.Check;
import dev.krongauss.device.Cuts;
import dev.krongauss.device.Stream;
import dev.krongauss.dist.Collective;
import java.time.Duration;
import java.util.List;

/**
 * A group whose calls on a stream may stand in a captured update: they cut it, and are made between
 * its graphs whenever it is replayed. What answers the host at once is the group's: an update makes
 * such calls within {@link Cuts#call} only.
 */
record CutRanks(Collective group, Cuts cuts) implements Collective {
  /** Null for none. */
  static CutRanks of(Collective group) {
    return group == null ? null : new CutRanks(group, new Cuts());
  }

  private void call(Stream s, Runnable call) {
    Check.that(
        cuts.takes(s), "a call to other ranks on a stream that is not the one of the capture");
    cuts.call(call);
  }

  @Override
  public void exchange(
      Stream s, long send, long sentBytes, long receive, long receivedBytes, int peer) {
    call(s, () -> group.exchange(s, send, sentBytes, receive, receivedBytes, peer));
  }

  @Override
  public void broadcast(Stream s, long address, long bytes, int root) {
    call(s, () -> group.broadcast(s, address, bytes, root));
  }

  @Override
  public void sum(Stream s, long address, long bytes) {
    call(s, () -> group.sum(s, address, bytes));
  }

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
  public boolean anyOrder() {
    return group.anyOrder();
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
