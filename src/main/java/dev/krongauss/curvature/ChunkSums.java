package dev.krongauss.curvature;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Matrix;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/** Sums over the chunks of a batch, where a library knows no average: of the G_l of each layer. */
final class ChunkSums {
  private final Factors factors;
  private final List<Matrix> sums = new ArrayList<>();
  private final BitSet entered = new BitSet();

  ChunkSums(Factors factors) {
    this.factors = factors;
  }

  /** Takes the memory once, and goes on where it once did not suffice. */
  void reserve(Arena arena) {
    for (int l = sums.size(); l < factors.layers(); l++) {
      int d = factors.G(l).columns();
      sums.add(factors.diagonal(l) ? null : arena.matrix(d, d, "G" + (l + 1) + " of a batch"));
    }
  }

  /** The sum that a layer's next chunk enters. */
  Matrix next(int layer) {
    entered.set(layer);
    return sums.get(layer);
  }

  /** Layers that a chunk has entered. */
  int[] layers() {
    return entered.stream().toArray();
  }

  List<Matrix> sums() {
    return sums;
  }

  /** The batch has ended. */
  void clear() {
    entered.clear();
  }
}
