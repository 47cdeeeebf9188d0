package dev.krongauss.curvature;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Device;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.argument.Past;
import dev.krongauss.model.State;
import java.util.Arrays;
import java.util.List;

/**
 * How many batches are in each factor, Q_l at 2 l and G_l at 2 l + 1. The device counts, as batches
 * enter; the host knows only which factors surely have one. A batch that was captured counts once
 * its graph is launched, of which the host hears nothing: then it asks.
 */
final class BatchCounts {
  private static final int MOST = 1 << 30; // as kernels/batches.cuh

  private final Device device;
  private final Buffer words;
  private final boolean[] entered;
  private final boolean[] captured;

  BatchCounts(Device device, Arena arena, int factors) {
    this.device = device;
    words = arena.ints((long) Past.INTS * factors, "batches in the factors");
    entered = new boolean[factors];
    captured = new boolean[factors];
  }

  /** Device address of {@link Past#INTS} ints a factor. */
  long pointer() {
    return words.pointer();
  }

  /** The past that a batch meets in a factor. */
  Past past(int factor, float decay) {
    return new Past(decay, words.at(Past.INTS * factor));
  }

  /** A batch was enqueued, or captured. */
  void entered(int factor, Stream s) {
    if (!entered[factor]) {
      boolean[] where = s.capturing() ? captured : entered;
      where[factor] = true;
    }
  }

  /**
   * Whether a factor has a batch. Waits for the stream where the host is not sure; while the stream
   * captures, what was captured before counts.
   */
  boolean has(int factor, Stream s) {
    if (!entered[factor]) {
      if (s.capturing()) {
        return captured[factor];
      }
      entered[factor] = of(factor, s) > 0;
    }
    return entered[factor];
  }

  /** Batches in a factor; waits for the stream. */
  int of(int factor, Stream s) {
    return all(s)[factor];
  }

  /** Forgets all batches; waits for the device. */
  void clear() {
    device.synchronize();
    clear(device.stream());
    device.stream().synchronize();
  }

  /** Enqueues the same. */
  void clear(Stream s) {
    s.clear(words.pointer(), words.bytes());
    Arrays.fill(entered, false);
  }

  /** Exchanges the counts; waits for the device. */
  void exchange(State state) {
    device.synchronize();
    int[] counts = all(device.stream());
    long[][] ofLayers = new long[counts.length / 2][];
    Arrays.setAll(ofLayers, l -> new long[] {counts[2 * l], counts[2 * l + 1]});
    ofLayers = state.counts(List.of("batchesOfQ", "batchesOfG"), ofLayers);
    int[] next = new int[Past.INTS * counts.length];
    for (int k = 0; k < counts.length; k++) {
      next[Past.INTS * k] = (int) Math.min(ofLayers[k / 2][k % 2], MOST);
    }
    if (state.replaces()) {
      words.uploadInts(next, device.stream());
      for (int k = 0; k < counts.length; k++) {
        entered[k] = next[Past.INTS * k] > 0;
      }
    }
  }

  private int[] all(Stream s) {
    int[] all = words.downloadInts((int) (words.bytes() / Integer.BYTES), s);
    int[] counts = new int[all.length / Past.INTS];
    Arrays.setAll(counts, k -> all[Past.INTS * k]);
    return counts;
  }
}
