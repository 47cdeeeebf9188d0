package dev.krongauss.dist;

import dev.krongauss.device.ForeignLibrary;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Finds that ranks wait for each other in calls that never meet, as one does in an exchange and
 * another in a barrier: a rank that has waited a while tells all others what it waits in, and
 * compares that with what it was told. Calls that end sooner send nothing.
 */
final class MpiWatch {
  /** How long a rank waits before it tells. */
  private static final long QUIET_NANOS = 100_000_000;

  /**
   * Calls after which a rank that never waits takes what others have told it, so that it does not
   * pile up.
   */
  private static final int CALLS = 64;

  /** Under way, with its memory. */
  private record Told(MpiCalls.Request request, ByteBuffer label) {}

  private final MpiCalls calls;
  private final int rank;
  private final MpiCall[] last;
  private final long[] heard; // how often each rank has told this one
  private long tellings;
  private final List<Told> told = new ArrayList<>();
  private MpiCall current;

  MpiWatch(MpiCalls calls, int rank, int size) {
    this.calls = calls;
    this.rank = rank;
    this.last = new MpiCall[size];
    this.heard = new long[size];
  }

  /** At the beginning of a wait. */
  void begin(MpiCall mine) {
    if (mine.number() % CALLS == 0) {
      listen();
    }
  }

  /**
   * Asked again and again while a call waits.
   *
   * @return what does not fit, in words that name both ranks; empty while all does
   */
  String mismatch(MpiCall mine, long waitedNanos) {
    if (waitedNanos < QUIET_NANOS) {
      return "";
    }
    if (mine != current) {
      current = mine;
      tell(mine);
    }
    listen();
    for (int r = 0; r < last.length; r++) {
      if (last[r] != null && last[r].number() == mine.number() && !mine.fits(rank, last[r], r)) {
        return differ(rank, mine, r, last[r].numbered());
      }
    }
    return "";
  }

  /** Of two ranks in calls that do not meet. */
  static String differ(int rank, MpiCall mine, int other, String theirs) {
    boolean left = mine.kind() == MpiCall.Kind.END || theirs.endsWith(MpiCall.Kind.END.text);
    return "rank %d makes %s, and rank %d makes %s; %s"
        .formatted(
            rank,
            mine.numbered(),
            other,
            theirs,
            left
                ? "look for an error of the rank that leaves"
                : "all ranks make the same calls in the same order");
  }

  /** How often this rank has told each of the others. */
  long tellings() {
    return tellings;
  }

  private void tell(MpiCall mine) {
    tellings++;
    told.removeIf(each -> each.request.done());
    for (int r = 0; r < last.length; r++) {
      if (r != rank) {
        ByteBuffer label = MpiCalls.direct(MpiCall.LABEL);
        mine.write(label, 0);
        long address = ForeignLibrary.addressOf(label);
        told.add(new Told(calls.send(address, MpiCall.LABEL, r, MpiCalls.TOLD), label));
      }
    }
  }

  /** Takes what has come. */
  private void listen() {
    for (int r = 0; r < last.length; r++) {
      while (r != rank && calls.probe(r, MpiCalls.TOLD)) {
        ByteBuffer label = MpiCalls.direct(MpiCall.LABEL);
        MpiCalls.Request in =
            calls.receive(ForeignLibrary.addressOf(label), MpiCall.LABEL, r, MpiCalls.TOLD);
        while (!in.done()) {
          Thread.onSpinWait(); // it is there
        }
        Optional<MpiCall> theirs = MpiCall.read(label, 0);
        last[r] = theirs.orElse(last[r]);
        heard[r]++;
      }
    }
  }

  /**
   * Takes what is still on its way, since MPI wants every message received before it ends, and
   * waits for what this rank has told.
   *
   * @param tellings of each rank; nobody tells any more
   */
  void end(long[] tellings, Patience patience) {
    listen();
    while (!allIsHeard(tellings) && patience.more()) {
      listen();
    }
  }

  private boolean allIsHeard(long[] tellings) {
    boolean all = told.stream().allMatch(each -> each.request.done());
    for (int r = 0; r < tellings.length; r++) {
      all &= r == rank || heard[r] == tellings[r];
    }
    return all;
  }
}
