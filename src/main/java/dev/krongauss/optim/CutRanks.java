package dev.krongauss.optim;

import dev.krongauss.device.Check;
import dev.krongauss.device.Cuts;
import dev.krongauss.device.Stream;
import dev.krongauss.dist.Collective;
import dev.krongauss.dist.ForwardingCollective;

/**
 * A group whose calls on a stream may stand in a captured update: they cut it, and are made between
 * its graphs whenever it is replayed. What answers the host at once is the group's: an update makes
 * such calls within {@link Cuts#call} only.
 */
record CutRanks(Collective group, Cuts cuts) implements ForwardingCollective {
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
}
