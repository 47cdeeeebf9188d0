package dev.krongauss.optim;

import dev.krongauss.device.ArenaSize;
import dev.krongauss.kernel.operations.OperationsSize;

/** The memory of a {@code net.Network} and of batches for it, counted without a device. */
final class NetworkMemory {
  private NetworkMemory() {}

  /**
   * Weights, and what passes over a batch write: per layer its outputs, with a column of ones and
   * their derivatives and gradients below the last one, and its tangents.
   *
   * @param widths d_0 … d_L
   */
  static long network(int[] widths, int N) {
    ArenaSize arena = new ArenaSize();
    new OperationsSize(arena, false).passes(widths);
    for (int l = 1; l < widths.length; l++) {
      boolean last = l == widths.length - 1;
      arena.matrix(widths[l], widths[l - 1] + 1);
      arena.matrix(N, last ? widths[l] : widths[l] + 1);
      arena.matrix(N, widths[l]);
      if (!last) {
        arena.matrix(N, widths[l]);
        arena.matrix(N, widths[l]);
      }
    }
    return arena.bytes();
  }

  /**
   * Inputs with their column of ones, and targets.
   *
   * @param targets columns of these
   */
  static long batch(int inputs, int targets, int N) {
    ArenaSize arena = new ArenaSize();
    arena.matrix(N, inputs + 1);
    arena.matrix(N, targets);
    return arena.bytes();
  }
}
