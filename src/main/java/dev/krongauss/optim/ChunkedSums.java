package dev.krongauss.optim;

import dev.krongauss.device.Arena;
import dev.krongauss.device.ArenaSize;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.dist.TreeReduction;
import dev.krongauss.dist.TreeScatter;
import dev.krongauss.kernel.TreeSum;
import java.util.ArrayList;
import java.util.List;

/**
 * Sums of statistics over the chunks of a batch: a leaf for each chunk of this rank, a tree of
 * them, and with other ranks the levels above, where triangles travel packed. Where statistics have
 * owners, each rank gets the sums of its own alone, and of those that all get.
 */
final class ChunkedSums {
  /**
   * One statistic.
   *
   * @param lower whether its lower triangle alone counts
   * @param owner the rank that gets its sum, {@link #ALL} for all
   * @param sum where its sum over all chunks goes; null on ranks that do not get it
   */
  record Statistic(int rows, int columns, boolean lower, int owner, Matrix sum) {
    /** One that all ranks get. */
    Statistic(Matrix sum, boolean lower) {
      this(sum.rows(), sum.columns(), lower, ALL, sum);
    }

    private boolean isFor(int rank) {
      return owner == ALL || owner == rank;
    }

    private long packedFloats() {
      return TreeSum.packedFloats(rows, columns, lower);
    }

    private long floats() {
      return (long) rows * Matrix.paddedStride(columns);
    }
  }

  /** Owner of what all ranks get. */
  static final int ALL = -1;

  private final Chunks chunks;
  private final TreeSum tree;
  private final long step;
  private final List<List<Matrix>> leaves = new ArrayList<>();
  private final List<TreeSum.Item> up = new ArrayList<>();
  private final List<TreeSum.Item> down = new ArrayList<>();
  private final Levels ranks; // null for one alone

  /** The levels of the tree above this rank's chunks. */
  private interface Levels {
    /**
     * Sums what is packed, but for one addition.
     *
     * @return floats from a summand to the other; 0 where all is added
     */
    long sum(Stream s);
  }

  /** Takes memory for the leaves; a sum of which nobody has written the leaf stays 0. */
  ChunkedSums(Device device, Arena arena, Chunks chunks, List<Statistic> statistics, String name) {
    this.chunks = chunks;
    this.tree = new TreeSum(device);
    step = statistics.stream().mapToLong(Statistic::floats).sum();
    Buffer memory = arena.floats(step * chunks.own(), name + " of chunks");
    for (int k = 0; k < chunks.own(); k++) {
      leaves.add(leaf(memory.pointer() + Float.BYTES * step * k, statistics));
    }
    if (chunks.size() == 1) {
      ranks = null;
      for (int i = 0; i < statistics.size(); i++) {
        Statistic of = statistics.get(i);
        up.add(TreeSum.Item.of(leaves.get(0).get(i), of.sum, of.lower));
      }
      return;
    }
    ranks =
        statistics.stream().allMatch(of -> of.owner == ALL)
            ? reduce(device, arena, statistics, name + ", packed")
            : scatter(device, arena, statistics, name + ", packed by owner");
  }

  /** Counts the memory of one. */
  static void count(ArenaSize arena, Chunks chunks, List<Statistic> statistics) {
    int p = chunks.size();
    arena.floats((double) chunks.own() * statistics.stream().mapToLong(Statistic::floats).sum());
    if (p == 1) {
      return;
    }
    if (statistics.stream().allMatch(of -> of.owner == ALL)) {
      long all = TreeReduction.padded(packedFloats(statistics), p);
      arena.floats(all);
      arena.floats(TreeReduction.memoryFloats(all));
    } else {
      arena.floats(
          TreeScatter.memoryFloats(chunks.ranks().rank(), p, packedByOwner(chunks, statistics)));
    }
  }

  private static long[] packedByOwner(Chunks chunks, List<Statistic> statistics) {
    long[] floats = new long[chunks.size()];
    for (int r = 0; r < floats.length; r++) {
      floats[r] = packedFloats(of(statistics, r));
    }
    return floats;
  }

  /** All ranks get all. */
  private Levels reduce(Device device, Arena arena, List<Statistic> statistics, String name) {
    long floats = packedFloats(statistics);
    long all = TreeReduction.padded(floats, chunks.size());
    Buffer packed = arena.floats(all, name);
    TreeReduction reduction = new TreeReduction(device, arena, chunks.ranks(), all);
    pack(statistics, ALL, packed.pointer(), true);
    return s -> {
      reduction.sum(s, packed.pointer());
      return 0;
    };
  }

  /** Each rank gets a part. */
  private Levels scatter(Device device, Arena arena, List<Statistic> statistics, String name) {
    long[] floats = packedByOwner(chunks, statistics);
    TreeScatter scatter = new TreeScatter(device, arena, chunks.ranks(), floats, name);
    for (int r = 0; r < floats.length; r++) {
      pack(statistics, r, scatter.part(r), r == chunks.ranks().rank());
    }
    return scatter::sum;
  }

  /** What a rank gets. */
  private static List<Statistic> of(List<Statistic> statistics, int rank) {
    return statistics.stream().filter(of -> of.isFor(rank)).toList();
  }

  private void pack(List<Statistic> statistics, int rank, long to, boolean own) {
    long at = to;
    for (int i = 0; i < statistics.size(); i++) {
      Statistic of = statistics.get(i);
      if (of.isFor(rank)) {
        up.add(TreeSum.Item.pack(leaves.get(0).get(i), at, of.lower));
        if (own) {
          down.add(TreeSum.Item.unpack(at, of.sum, of.lower));
        }
        at += Float.BYTES * of.packedFloats();
      }
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
      long behind = ranks.sum(s);
      if (!down.isEmpty()) {
        tree.sum(s, down, behind, behind == 0 ? new float[] {1} : new float[] {1, 1});
      }
    }
  }

  private static long packedFloats(List<Statistic> statistics) {
    return statistics.stream().mapToLong(Statistic::packedFloats).sum();
  }

  private static List<Matrix> leaf(long address, List<Statistic> statistics) {
    List<Matrix> leaf = new ArrayList<>();
    long at = address;
    for (Statistic of : statistics) {
      leaf.add(Matrix.wrap(at, of.rows, of.columns, Matrix.paddedStride(of.columns)));
      at += Float.BYTES * of.floats();
    }
    return leaf;
  }
}
