package dev.krongauss.dist;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;

/** Where the threads of a group meet, in pairs or all of them. A failure is everybody's. */
final class Meeting {
  /**
   * What a rank brings.
   *
   * @param call as the messages name it; the same on all sides
   * @param content null for none
   */
  record Post(String call, ByteBuffer content) {}

  private final int size;
  private final Duration timeout;
  private final Post[][] boxes; // [to][from]
  private final String[] callOf;
  private final boolean[] left;
  private final Post[] gathered;
  private List<Post> lastGathered = List.of();
  private int arrived;
  private long round;
  private String failure;

  Meeting(int size, Duration timeout) {
    this.size = size;
    this.timeout = timeout;
    this.boxes = new Post[size][size];
    this.callOf = new String[size];
    this.left = new boolean[size];
    this.gathered = new Post[size];
  }

  int size() {
    return size;
  }

  Duration timeout() {
    return timeout;
  }

  /** Swaps with a peer, who brings the same call. */
  synchronized Post swap(int me, int peer, Post mine) {
    enter(me, mine.call + " with rank " + peer);
    await(me, peer, () -> boxes[peer][me] == null);
    boxes[peer][me] = mine;
    notifyAll();
    await(me, peer, () -> boxes[me][peer] != null);
    Post theirs = boxes[me][peer];
    boxes[me][peer] = null;
    same(me, mine, peer, theirs);
    leaveCall(me);
    return theirs;
  }

  /** Waits for all; every rank brings the same call. */
  synchronized List<Post> gather(int me, Post mine) {
    enter(me, mine.call);
    long now = round;
    gathered[me] = mine;
    arrived++;
    if (arrived == size) {
      lastGathered = new ArrayList<>(Arrays.asList(gathered));
      Arrays.fill(gathered, null);
      arrived = 0;
      round++;
      notifyAll();
    }
    await(me, -1, () -> round != now);
    List<Post> all = lastGathered; // nobody can gather again before everybody has left this round
    for (int peer = 0; peer < size; peer++) {
      same(me, mine, peer, all.get(peer));
    }
    leaveCall(me);
    return all;
  }

  /** A rank is gone: who waits for it, or will, fails. */
  synchronized void leave(int me) {
    left[me] = true;
    notifyAll();
  }

  private void enter(int me, String call) {
    callOf[me] = call;
    checkWhole(me);
  }

  private void leaveCall(int me) {
    callOf[me] = null;
    notifyAll();
  }

  private void same(int me, Post mine, int peer, Post theirs) {
    if (!mine.call.equals(theirs.call)) {
      throw fail(
          "rank %d calls %s and rank %d calls %s; all ranks make the same calls in the same order"
              .formatted(me, mine.call, peer, theirs.call));
    }
  }

  /**
   * @param peer -1 for all
   */
  private void await(int me, int peer, BooleanSupplier done) {
    long end = System.nanoTime() + timeout.toNanos();
    while (!done.getAsBoolean()) {
      checkWhole(me);
      checkThere(me, peer);
      long left = (end - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        throw fail(late(me, peer));
      }
      try {
        wait(left);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw fail("rank %d was interrupted in %s".formatted(me, callOf[me]));
      }
    }
  }

  /** Whether a rank that is waited for has left; one that came to this call before may. */
  private void checkThere(int me, int peer) {
    for (int r = 0; r < size; r++) {
      if (left[r] && (peer < 0 ? gathered[r] == null : r == peer)) {
        throw fail(
            "rank %d waits in %s, and rank %d has left the group of %d"
                .formatted(me, callOf[me], r, size));
      }
    }
  }

  private String late(int me, int peer) {
    StringBuilder text = new StringBuilder();
    text.append("rank %d has waited %s in %s".formatted(me, timeout, callOf[me]));
    for (int r = 0; r < size; r++) {
      boolean missing = peer < 0 ? gathered[r] == null : r == peer;
      if (missing && r != me) {
        String what = callOf[r] == null ? "is in no call" : "is in " + callOf[r];
        text.append("; rank %d %s".formatted(r, what));
      }
    }
    return text.append("; look for an error of that rank, or give the group more time").toString();
  }

  private void checkWhole(int me) {
    if (failure != null) {
      throw new CollectiveException(
          "rank %d, in %s: %s; close the group, and go on from the last checkpoint"
              .formatted(me, callOf[me], failure));
    }
  }

  private CollectiveException fail(String what) {
    if (failure == null) {
      failure = what;
      notifyAll();
    }
    return new CollectiveException(what);
  }
}
