package dev.krongauss.precondition;

import dev.krongauss.device.Buffer;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.TraceDamping;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Whether there are inverses. A refresh that was captured makes them once its graph is launched, of
 * which the host hears nothing: until it knows it asks the device.
 */
final class Refreshes {
  private static final float NONE = -1;

  private final Set<Buffer> captured = new LinkedHashSet<>();
  private boolean done;

  /**
   * A refresh was enqueued, or captured.
   *
   * @param gammas of the refresh, {@linkplain #clear cleared} before it runs
   */
  void add(Buffer gammas, Stream s) {
    if (done) {
      return;
    }
    if (s.capturing()) {
      captured.add(gammas);
    } else {
      done = true;
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

  /** From now on there was one, or none, whatever was enqueued or launched before. */
  void replace(boolean value, Stream s) {
    done = value;
    if (!value) {
      captured.forEach(gammas -> clear(gammas, s));
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
