package dev.krongauss.optim;

import dev.krongauss.curvature.FactorMemory;
import dev.krongauss.curvature.Method;
import dev.krongauss.device.ArenaSize;
import dev.krongauss.device.Matrix;
import dev.krongauss.kernel.operations.OperationsSize;
import dev.krongauss.model.LossFunction;
import dev.krongauss.precondition.LayerOwners;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The memory of this rank for batches that are cut, counted without a device: what {@link
 * ChunkedUpdate} and {@link ChunkedCurvature} take.
 *
 * @param widths d_0 … d_L
 * @param owners of the layers
 * @param block what {@link dev.krongauss.model.Model#rowBlock} is on the device
 */
record ChunkSize(
    OperationsSize operations, int[] widths, Chunks chunks, LayerOwners owners, int block) {
  /** Rows of the longest of this rank's passes over a batch of N. */
  static int passRows(Chunks chunks, int N, int block) {
    return block > 0
        ? chunks.passRows(N, block)
        : IntStream.range(chunks.first(), chunks.first() + chunks.own())
            .map(c -> chunks.rows(c, N))
            .max()
            .orElseThrow();
  }

  /** Loss and gradient, factors, and their sums. */
  void update(Method method, FactorMemory factors, FactorMemory.Engine engine, int N) {
    ArenaSize arena = operations.arena();
    gradient(arena, factors.weights(), N);
    factors.chunked(operations, engine, chunks.most(N), owners.first(), owners.end());
    boolean averaged = method.route() == Method.Route.AVERAGED;
    if (owners.shared() && method == Method.KFRA) {
      SharedRecursion.count(arena, owners, widths);
    }
    List<ChunkedSums.Statistic> statistics = new ArrayList<>();
    List<Matrix> Q = factors.allQ();
    List<Matrix> G = factors.allG();
    int L = Q.size();
    for (int l = 0; l < L; l++) {
      statistics.add(statistic(Q.get(l), true, l));
      boolean below = averaged && l < L - 1; // E[b bᵀ], which the link from above takes
      statistics.add(statistic(G.get(l), G.get(l).rows() > 1, below ? l + 1 : l));
    }
    ChunkedSums.count(arena, chunks, statistics);
  }

  private void gradient(ArenaSize arena, List<Matrix> W, int N) {
    ChunkedSums.Statistic loss =
        new ChunkedSums.Statistic(1, 1, false, ChunkedSums.ALL, ArenaSize.shape(1, 1));
    List<ChunkedSums.Statistic> layers = new ArrayList<>();
    for (int l = 0; l < W.size(); l++) {
      layers.add(statistic(W.get(l), false, l));
    }
    int above = GradientSums.above(layers);
    List<ChunkedSums.Statistic> lower = new ArrayList<>(layers.subList(0, above));
    lower.add(loss);
    ChunkedSums.count(arena, chunks, layers.subList(above, W.size()));
    ChunkedSums.count(arena, chunks, lower);
    ChunkedSums.count(arena, chunks, List.of(loss));
    arena.ints(1); // counter of the losses
    arena.matrix(1, 1); // mean loss
    int rows = chunks.passRows(N, block);
    arena.matrix(rows, outputs());
    arena.floats(chunks.most(N));
    if (block > 1) {
      arena.matrix(rows, widths[0] + 1); // inputs in whole blocks
    }
  }

  /** C of the directions, but for its result. */
  void curvature(LossFunction loss, int N) {
    ArenaSize arena = operations.arena();
    int L = widths.length - 1;
    int wanted = SampledCurvature.rows(loss, N, outputs());
    int[] rows = ChunkedCurvature.rows(chunks, N, wanted);
    int pitch = ChunkedCurvature.pitch(chunks, N, wanted, block);
    int together = block > 0 ? rows.length : 1;
    for (int first = 0; first < rows.length; first += together) {
      operations.passes(Arrays.copyOf(widths, L));
      arena.ints(1); // counter of the inner products
      int of = (pitch > 0 ? pitch : rows[first]) * together;
      for (int l = 1; l <= L; l++) {
        arena.matrix(of, widths[l - 1] + 1);
        if (l < L) {
          arena.matrix(of, widths[l]);
        }
        arena.matrix(l * of, widths[l]);
      }
      int part = IntStream.of(rows).skip(first).limit(together).sum();
      arena.matrix(L * part, outputs()); // h
      arena.matrix(L * part, loss.targets(outputs())); // t
      arena.matrix(L * part, outputs()); // H v
      if (together > 1 || of > part) {
        arena.matrix(L * part, outputs()); // v, chunk by chunk
      }
    }
    Matrix C = ArenaSize.shape(L, L);
    ChunkedSums.count(arena, chunks, List.of(new ChunkedSums.Statistic(C, false)));
  }

  private ChunkedSums.Statistic statistic(Matrix shape, boolean lower, int layer) {
    int owner = owners.shared() ? owners.owner(layer) : ChunkedSums.ALL;
    return new ChunkedSums.Statistic(shape.rows(), shape.columns(), lower, owner, null);
  }

  private int outputs() {
    return widths[widths.length - 1];
  }
}
