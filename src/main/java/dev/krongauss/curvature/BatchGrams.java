package dev.krongauss.curvature;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Gram;
import dev.krongauss.kernel.operations.Operations;
import java.util.List;
import java.util.stream.IntStream;

/** What Gram matrices of a batch need: memory for slices, or for a library's result. */
final class BatchGrams {
  private final Operations operations;
  private final Gram.Workspace workspace;
  private final Buffer scratch;
  private final long restart;

  /**
   * @param widths d of the matrices that one launch may have
   */
  BatchGrams(Arena arena, Operations operations, int[] widths, long restart) {
    this.operations = operations;
    this.restart = restart;
    int widest = IntStream.of(widths).max().orElse(1);
    long floats = (long) widest * Matrix.paddedStride(widest);
    boolean fused = operations.averagesGrams();
    workspace = fused ? new Gram.Workspace(arena, widths) : null;
    scratch = fused ? null : arena.floats(floats, "factor of a batch");
  }

  /** Enters Gram matrices into averages, in one launch. */
  void enter(List<Gram.Item> items, Stream s) {
    operations.grams(s, items, restart, workspace);
  }

  /** Where a library leaves a Gram matrix of this shape. */
  Matrix scratch(Matrix like) {
    return Matrix.wrap(scratch.pointer(), like.rows(), like.columns(), like.stride());
  }
}
