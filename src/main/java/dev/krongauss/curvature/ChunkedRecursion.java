package dev.krongauss.curvature;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.argument.Link;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.kernel.operations.Passes;
import java.util.ArrayList;
import java.util.List;

/**
 * KFRA's recursion from summed moments, Ḡ_{l-1} = (Wᵀ Ḡ_l W) ∘ E[b bᵀ], through some neighbouring
 * layers: from the Ḡ that the rank above hands over to that which the rank below gets.
 */
final class ChunkedRecursion {
  private final RecursionHandover handover;
  private final Passes passes;
  private final List<Matrix> moments = new ArrayList<>(); // null for links of others
  private final List<Link.Recursion> links = new ArrayList<>(); // from the top
  private final Matrix top;
  private final Matrix below; // null where the network's first layer is among these

  /**
   * @param weights W_1 … W_L
   * @param G Ḡ of each layer, null for layers of others
   * @param first of the layers, from 0
   * @param end the layer behind the last one
   */
  ChunkedRecursion(
      Operations operations,
      Arena arena,
      List<Matrix> weights,
      List<Matrix> G,
      int first,
      int end,
      RecursionHandover handover) {
    this.handover = handover;
    passes = operations.passes(arena, weights.stream().mapToInt(Matrix::rows).toArray());
    long floats = 0;
    for (Matrix W : weights.subList(first, end)) {
      floats = Math.max(floats, (long) W.rows() * Matrix.paddedStride(W.columns() - 1));
    }
    // Two: while one is written the one above it may still be read.
    List<Buffer> products = List.of(arena.floats(floats, "G W"), arena.floats(floats, "G W"));
    for (int l = 1; l < weights.size(); l++) {
      int d = weights.get(l).columns() - 1;
      boolean own = l >= first && l < end;
      moments.add(own ? arena.matrix(d, d, "moment of b" + l) : null);
    }
    top = G.get(end - 1);
    int d = weights.get(first).columns() - 1;
    below = first == 0 ? null : arena.matrix(d, d, "G of the next rank");
    for (int l = end - 1; l >= Math.max(first, 1); l--) {
      Matrix W = weights.get(l);
      int columns = W.columns() - 1;
      long pointer = products.get(l % 2).pointer();
      Matrix product = Matrix.wrap(pointer, W.rows(), columns, Matrix.paddedStride(columns));
      Matrix to = l == first ? below : G.get(l - 1);
      links.add(new Link.Recursion(G.get(l), W, moments.get(l - 1), product, to));
    }
  }

  /** Moments of hidden layer l + 1, from 0, that its link takes; null for links of others. */
  Matrix moment(int l) {
    return moments.get(l);
  }

  /** Writes every Ḡ of these layers but the network's last, which is a sum itself. */
  void run(Stream s) {
    handover.receive(top, s);
    if (!links.isEmpty()) {
      passes.recursion(s, links);
    }
    handover.give(below, s);
  }
}
