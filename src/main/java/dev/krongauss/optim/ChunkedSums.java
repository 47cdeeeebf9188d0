package dev.krongauss.optim;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.dist.TreeReduction;
import dev.krongauss.kernel.TreeSum;
import java.util.ArrayList;
import java.util.List;

/**
 * Sums of statistics over the chunks of a batch: a leaf for each chunk of this rank, a tree of
 * them, and with other ranks the levels above, where triangles travel packed.
 */
final class ChunkedSums {
  /**
   * One statistic.
   *
   * @param sum where its sum over all chunks goes
   * @param lower whether its lower triangle alone counts
   */
  record Statistic(Matrix sum, boolean lower) {}

  private final Chunks chunks;
  private final TreeSum tree;
  private final long step;
  private final List<List<Matrix>> leaves = new ArrayList<>();
  private final List<TreeSum.Item> up = new ArrayList<>();
  private final List<TreeSum.Item> down = new ArrayList<>();
  private final Buffer packed;
  private final TreeReduction ranks;

  /** Takes memory for the leaves; a sum of which nobody has written the leaf stays 0. */
  ChunkedSums(Device device, Arena arena, Chunks chunks, List<Statistic> statistics, String name) {
    this.chunks = chunks;
    this.tree = new TreeSum(device);
    step = statistics.stream().mapToLong(of -> floats(of.sum)).sum();
    Buffer memory = arena.floats(step * chunks.own(), name + " of chunks");
    for (int k = 0; k < chunks.own(); k++) {
      leaves.add(leaf(memory.pointer() + Float.BYTES * step * k, statistics));
    }
    if (chunks.size() == 1) {
      packed = null;
      ranks = null;
      for (int i = 0; i < statistics.size(); i++) {
        Statistic of = statistics.get(i);
        up.add(TreeSum.Item.of(leaves.get(0).get(i), of.sum, of.lower));
      }
      return;
    }
    long all = TreeReduction.padded(packedFloats(statistics), chunks.size());
    packed = arena.floats(all, name + ", packed");
    ranks = new TreeReduction(device, arena, chunks.ranks(), all);
    long at = packed.pointer();
    for (int i = 0; i < statistics.size(); i++) {
      Statistic of = statistics.get(i);
      up.add(TreeSum.Item.pack(leaves.get(0).get(i), at, of.lower));
      down.add(TreeSum.Item.unpack(at, of.sum, of.lower));
      at += Float.BYTES * TreeSum.packedFloats(of.sum.rows(), of.sum.columns(), of.lower);
    }
  }

  /** The statistics of this rank's k-th chunk, in their order: to be written. */
  List<Matrix> leaf(int k) {
    return leaves.get(k);
  }

  /**
   * Sums all leaves, each times its share.
   *
   * @param shares of this rank's chunks, that of all ranks together 1
   */
  void sum(float[] shares, Stream s) {
    tree.sum(s, up, step, shares);
    if (ranks != null) {
      ranks.sum(s, packed.pointer());
      tree.sum(s, down, 0, new float[] {1});
    }
  }

  private static long packedFloats(List<Statistic> statistics) {
    return statistics.stream()
        .mapToLong(of -> TreeSum.packedFloats(of.sum.rows(), of.sum.columns(), of.lower))
        .sum();
  }

  private static List<Matrix> leaf(long address, List<Statistic> statistics) {
    List<Matrix> leaf = new ArrayList<>();
    long at = address;
    for (Statistic of : statistics) {
      int stride = Matrix.paddedStride(of.sum.columns());
      leaf.add(Matrix.wrap(at, of.sum.rows(), of.sum.columns(), stride));
      at += Float.BYTES * floats(of.sum);
    }
    return leaf;
  }

  private static long floats(Matrix matrix) {
    return (long) matrix.rows() * Matrix.paddedStride(matrix.columns());
  }
}
