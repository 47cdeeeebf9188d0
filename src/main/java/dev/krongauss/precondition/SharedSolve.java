package dev.krongauss.precondition;

import dev.krongauss.curvature.Factors;
import dev.krongauss.device.Arena;
import dev.krongauss.device.ArenaSize;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.dist.Collective;
import dev.krongauss.kernel.TreeSum;
import dev.krongauss.kernel.operations.Operations;
import java.util.ArrayList;
import java.util.List;

/**
 * Solves of all layers, shared out over ranks that have the same inverses and gradients: each layer
 * by one rank, whose direction the others receive, a broadcast a rank. The largest layer first, by
 * o² i + o i² of a layer with o outputs and i inputs.
 */
final class SharedSolve {
  private static final float[] ONE = {1};

  private final Collective ranks;
  private final Operations operations;
  private final int[] owner;
  private final long[] begins; // floats, of each rank
  private final Buffer packed;
  private final TreeSum pack;

  /**
   * @param halfway shaped like the weights
   */
  SharedSolve(
      Device device,
      Operations operations,
      Arena arena,
      Collective ranks,
      Factors factors,
      List<Matrix> halfway) {
    this.ranks = ranks;
    this.operations = operations;
    double[] cost = new double[halfway.size()];
    for (int l = 0; l < cost.length; l++) {
      double o = halfway.get(l).rows();
      double i = halfway.get(l).columns();
      cost[l] = (factors.diagonal(l) ? 1 : o) * o * i + o * i * i;
    }
    owner = WorkShares.owners(cost, ranks.size());
    begins = new long[ranks.size() + 1];
    for (int r = 0; r < ranks.size(); r++) {
      begins[r + 1] = begins[r];
      for (int l : WorkShares.of(owner, r)) {
        begins[r + 1] += floats(halfway.get(l));
      }
    }
    packed = arena.floats(begins[ranks.size()], "directions, packed");
    pack = new TreeSum(device);
  }

  /** Counts the memory of one. */
  static void count(ArenaSize arena, List<Matrix> halfway) {
    arena.floats(halfway.stream().mapToLong(SharedSolve::floats).sum());
  }

  /** As {@link Operations#solves}; waits for all ranks. */
  void run(
      List<Matrix> A,
      List<Matrix> gradients,
      List<Matrix> B,
      List<Matrix> halfway,
      List<Matrix> directions,
      Stream s) {
    List<Integer> own = WorkShares.of(owner, ranks.rank());
    if (!own.isEmpty()) {
      operations.solves(
          s,
          some(A, own),
          some(gradients, own),
          some(B, own),
          some(halfway, own),
          some(directions, own));
    }
    List<TreeSum.Item> up = new ArrayList<>();
    List<TreeSum.Item> down = new ArrayList<>();
    for (int r = 0; r < ranks.size(); r++) {
      long at = address(r);
      for (int l : WorkShares.of(owner, r)) {
        Matrix direction = directions.get(l);
        if (r == ranks.rank()) {
          up.add(TreeSum.Item.pack(direction, at, false));
        } else {
          down.add(TreeSum.Item.unpack(at, direction, false));
        }
        at += Float.BYTES * floats(direction);
      }
    }
    sum(s, up);
    for (int r = 0; r < ranks.size(); r++) {
      ranks.broadcast(s, address(r), address(r + 1) - address(r), r);
    }
    sum(s, down);
  }

  private void sum(Stream s, List<TreeSum.Item> items) {
    if (!items.isEmpty()) {
      pack.sum(s, items, 0, ONE);
    }
  }

  private static List<Matrix> some(List<Matrix> all, List<Integer> which) {
    return which.stream().map(all::get).toList();
  }

  private long address(int rank) {
    return packed.pointer() + Float.BYTES * begins[rank];
  }

  private static long floats(Matrix matrix) {
    return TreeSum.packedFloats(matrix.rows(), matrix.columns(), false);
  }
}
