package dev.krongauss.optim;

import dev.krongauss.curvature.RecursionHandover;
import dev.krongauss.device.Arena;
import dev.krongauss.device.ArenaSize;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.TreeSum;
import dev.krongauss.precondition.LayerOwners;
import java.util.List;

/**
 * KFRA's recursion from rank to rank: who has the layers above hands Ḡ of the next layer, a
 * triangle, to the rank that has it. A broadcast of each rank but the lowest, in which all take
 * part.
 */
final class SharedRecursion implements RecursionHandover {
  private static final float[] ONE = {1};

  private final LayerOwners owners;
  private final int[] widths; // of Ḡ that a rank gives; 0 of the lowest
  private final TreeSum pack;
  private final Buffer packed;

  SharedRecursion(Device device, Arena arena, LayerOwners owners, List<Matrix> weights) {
    this.owners = owners;
    pack = new TreeSum(device);
    widths = new int[owners.ranks().size()];
    int most = 1;
    for (int r = 1; r < widths.length; r++) {
      widths[r] = weights.get(owners.first(r) - 1).rows();
      most = Math.max(most, widths[r]);
    }
    packed = arena.floats(floats(most), "G of the next rank, packed");
  }

  /**
   * Counts the memory of one.
   *
   * @param units d_0 … d_L
   */
  static void count(ArenaSize arena, LayerOwners owners, int[] units) {
    int most = 1;
    for (int r = 1; r < owners.ranks().size(); r++) {
      most = Math.max(most, units[owners.first(r)]);
    }
    arena.floats(floats(most));
  }

  private static long floats(int width) {
    return TreeSum.packedFloats(width, width, width > 1);
  }

  @Override
  public void receive(Matrix G, Stream s) {
    int rank = owners.ranks().rank();
    for (int r = widths.length - 1; r > rank; r--) {
      broadcast(r, s);
    }
    if (rank < widths.length - 1) {
      pack.sum(s, List.of(TreeSum.Item.unpack(packed.pointer(), G, G.rows() > 1)), 0, ONE);
    }
  }

  @Override
  public void give(Matrix G, Stream s) {
    int rank = owners.ranks().rank();
    if (rank > 0) {
      pack.sum(s, List.of(TreeSum.Item.pack(G, packed.pointer(), G.rows() > 1)), 0, ONE);
    }
    for (int r = rank; r > 0; r--) {
      broadcast(r, s);
    }
  }

  private void broadcast(int root, Stream s) {
    owners.ranks().broadcast(s, packed.pointer(), Float.BYTES * floats(widths[root]), root);
  }
}
