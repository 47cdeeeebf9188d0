package dev.krongauss.precondition;

import dev.krongauss.curvature.Factors;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.TraceDamping;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.model.State;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Whether there are inverses that may be used: not before the first refresh, and not once the
 * preconditioner is closed. A refresh that was captured makes them once its graph is launched, of
 * which the host hears nothing: until it knows it asks the device.
 */
final class Refreshes {
  private static final float NONE = -1;

  private final Set<Buffer> captured = new LinkedHashSet<>();
  private final Factors factors;
  private final Operations operations;
  private boolean done;
  private boolean closed;

  /**
   * @param operations those of a refresh
   */
  Refreshes(Factors factors, Operations operations) {
    this.factors = factors;
    this.operations = operations;
  }

  /**
   * Checks before a refresh that every layer has factors.
   *
   * @throws IllegalStateException if a layer has not seen a batch, the stream captures what cannot
   *     be captured, or the preconditioner is closed
   */
  void begin(Stream s) {
    checkOpen();
    if (!operations.capturesFactorisations() && s.capturing()) {
      throw new IllegalStateException(
          "cuSOLVER cannot be captured in a graph; call refresh outside of the capture, or build the"
              + " preconditioner with operations(KERNELS)");
    }
    for (int l = 0; l < factors.layers(); l++) {
      if (!factors.ready(l, s)) {
        throw new IllegalStateException(
            "layer "
                + l
                + " has no factors yet; call accumulate for every layer first, and launch the graph"
                + " if it was captured");
      }
    }
  }

  /**
   * A refresh was enqueued, or captured.
   *
   * @param gammas of the refresh, {@linkplain #clear cleared} before it runs
   */
  void end(Buffer gammas, Stream s) {
    if (done) {
      return;
    }
    if (s.capturing()) {
      captured.add(gammas);
    } else {
      done = true;
    }
  }

  /** Nothing may be used any more: its memory may be somebody else's. */
  void close() {
    closed = true;
  }

  /**
   * @throws IllegalStateException if the preconditioner is closed
   */
  void checkOpen() {
    if (closed) {
      throw new IllegalStateException("the preconditioner is closed; build another one");
    }
  }

  /**
   * Whether there was one. Waits for the stream where the host is not sure; while the stream
   * captures, one that was captured before counts.
   */
  boolean any(Stream s) {
    if (done || captured.isEmpty()) {
      return done;
    }
    if (s.capturing()) {
      return true;
    }
    done = captured.stream().anyMatch(gammas -> gammas.downloadFloats(1, s)[0] != NONE);
    return done;
  }

  /**
   * Checks before the inverses are used; waits as {@link #any}.
   *
   * @throws IllegalStateException if there was none, or the preconditioner is closed
   */
  void check(Stream s) {
    checkOpen();
    if (!any(s)) {
      throw new IllegalStateException(missing("apply before the first refresh"));
    }
  }

  /**
   * Exchanges whether there was one. Where that is replaced it holds from now on, whatever was
   * enqueued or launched before.
   *
   * @param gammas of the preconditioner's own refreshes
   */
  void exchange(State state, Buffer gammas, Stream s) {
    boolean refreshed = state.number("refreshed", any(s) ? 1 : 0) != 0;
    if (state.replaces()) {
      done = refreshed;
      if (!refreshed) {
        captured.forEach(each -> clear(each, s));
        clear(gammas, s);
      }
    }
  }

  /** Marks that no refresh has written these γ, which are never negative, yet. */
  static void clear(Buffer gammas, Stream s) {
    float[] none = new float[TraceDamping.CANDIDATES];
    Arrays.fill(none, NONE);
    gammas.upload(none, s);
  }

  /** What is wrong where there was none, and the way out. */
  String missing(String what) {
    return what
        + (captured.isEmpty()
            ? "; call accumulate and refresh first"
            : ": it was captured in a graph that has not been launched; launch it first");
  }
}
