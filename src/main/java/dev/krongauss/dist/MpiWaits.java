package dev.krongauss.dist;

import dev.krongauss.device.ForeignLibrary;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A rank's waits for others: each ends when it is over, when calls do not meet, or by time-out. */
final class MpiWaits {
  private final MpiCalls calls;
  private final int rank;
  private final int size;
  private final Duration timeout;
  private final MpiWatch watch;
  private final ByteBuffer labels; // of all ranks, then this one's
  private String failure = "";
  private long count;

  MpiWaits(MpiCalls calls, int rank, int size, Duration timeout) {
    this.calls = calls;
    this.rank = rank;
    this.size = size;
    this.timeout = timeout;
    this.watch = new MpiWatch(calls, rank, size);
    this.labels = MpiCalls.direct(MpiCall.LABEL * (size + 1));
  }

  /** What the group has failed of; empty while it is well. */
  String failure() {
    return failure;
  }

  CollectiveException fail(String what) {
    failure = what;
    return new CollectiveException(what);
  }

  /** How many there were. */
  long count() {
    return count;
  }

  String allOthers() {
    return size == 2 ? "rank " + (1 - rank) : "the other " + (size - 1) + " ranks";
  }

  /** Tells all ranks what this one is about, and learns what they are; waits for all. */
  List<MpiCall> meet(MpiCall call) {
    return settle(call, announce(call));
  }

  /** Begins that, for {@link #settle}. */
  MpiCalls.Request announce(MpiCall call) {
    int mine = size * MpiCall.LABEL;
    call.write(labels, mine);
    long all = ForeignLibrary.addressOf(labels);
    return calls.gather(all + mine, MpiCall.LABEL, all);
  }

  /** Ends it; may be called again. */
  List<MpiCall> settle(MpiCall call, MpiCalls.Request met) {
    await(call, allOthers(), met);
    List<MpiCall> all = new ArrayList<>();
    for (int r = 0; r < size; r++) {
      Optional<MpiCall> theirs = MpiCall.read(labels, r * MpiCall.LABEL);
      if (theirs.isEmpty() || !call.fits(rank, theirs.get(), r)) {
        throw differ(call, r, theirs);
      }
      all.add(theirs.get());
    }
    return all;
  }

  /** The group has failed: a rank is about something else. */
  CollectiveException differ(MpiCall mine, int other, Optional<MpiCall> theirs) {
    String said = theirs.map(MpiCall::numbered).orElse("a message that is none of this library's");
    return fail(MpiWatch.differ(rank, mine, other, said));
  }

  void await(MpiCall call, String whom, MpiCalls.Request... requests) {
    count++;
    Patience patience = new Patience(timeout);
    try {
      watch.begin(call);
      while (!allDone(requests)) {
        String mismatch = watch.mismatch(call, patience.waitedNanos());
        if (!mismatch.isEmpty()) {
          throw fail(mismatch);
        }
        if (!patience.more()) {
          throw fail(late(call, whom));
        }
      }
    } catch (CollectiveException e) {
      throw failure.isEmpty() ? fail(e.getMessage()) : e;
    }
  }

  private static boolean allDone(MpiCalls.Request... requests) {
    boolean all = true;
    for (MpiCalls.Request request : requests) {
      all &= request.done();
    }
    return all;
  }

  private String late(MpiCall call, String whom) {
    return "rank %d of %d has waited %s for %s in %s, its call %d: look for an error of that rank, see"
            .formatted(rank, size, timeout, whom, call.text(), call.number())
        + " that it makes the same calls in the same order, or give the group more time";
  }

  /** When all have come to the end: what ranks have told each other is done with. */
  void end(MpiCall call) {
    ByteBuffer counts = MpiCalls.direct(Long.BYTES * (size + 1)); // of all ranks, then this one's
    int mine = Long.BYTES * size;
    counts.putLong(mine, watch.tellings());
    long all = ForeignLibrary.addressOf(counts);
    MpiCalls.Request gathered = calls.gather(all + mine, Long.BYTES, all);
    Patience patience = new Patience(timeout);
    while (!gathered.done()) {
      if (!patience.more()) {
        throw fail(late(call, allOthers()));
      }
    }
    long[] tellings = new long[size];
    counts.asLongBuffer().get(tellings);
    watch.end(tellings, patience);
  }
}
