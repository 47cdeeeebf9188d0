package dev.krongauss.precondition;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.dist.Collective;
import dev.krongauss.kernel.Epilogue;
import dev.krongauss.kernel.TreeSum;
import dev.krongauss.kernel.operations.Factorisation;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.kernel.operations.OperationsSize;
import java.util.ArrayList;
import java.util.List;

/**
 * The first rung of the ladder, shared out over ranks that have the same factors: the largest
 * matrix first, by n³, each to the rank that has the least so far. Inverses travel as packed
 * triangles, a broadcast a rank. Where a factor of some rank fails, all climb by themselves.
 */
final class SharedInverses {
  private static final float[] ONE = {1};

  private final Collective ranks;
  private final List<Matrix> inverses;
  private final List<Integer> own;
  private final Factorisation first;
  private final Buffer dampings;
  private final Buffer infos;
  private final TreeSum pack;
  private final long[] begins;
  private final Buffer packed;
  private final List<TreeSum.Item> up = new ArrayList<>();
  private final List<TreeSum.Item> down = new ArrayList<>();
  private final List<Matrix> received = new ArrayList<>();
  private final Epilogue epilogue;

  /**
   * @param factors Q_l at 2 l, G_l at 2 l + 1
   * @param inverses of the same shapes
   */
  SharedInverses(
      Device device,
      Operations operations,
      Arena arena,
      Collective ranks,
      List<Matrix> factors,
      List<Matrix> inverses) {
    this.ranks = ranks;
    this.inverses = inverses;
    int[] owner = owners(factors, ranks);
    own = WorkShares.of(owner, ranks.rank());
    List<Matrix> S = own.stream().map(factors::get).toList();
    List<Matrix> X = own.stream().map(inverses::get).toList();
    first = own.isEmpty() ? null : operations.factorisation(arena, S, List.of(X));
    dampings = arena.floats(Math.max(1, own.size()), "own dampings");
    infos = arena.ints(Math.max(1, own.size()), "own infos");
    pack = new TreeSum(device);
    epilogue = new Epilogue(device);
    begins = new long[ranks.size() + 1];
    for (int r = 0; r < ranks.size(); r++) {
      begins[r + 1] = begins[r];
      for (int k : WorkShares.of(owner, r)) {
        begins[r + 1] += floats(inverses.get(k));
      }
    }
    packed = arena.floats(begins[ranks.size()], "inverses, packed");
    for (int r = 0; r < ranks.size(); r++) {
      long at = address(r);
      for (int k : WorkShares.of(owner, r)) {
        Matrix inverse = inverses.get(k);
        if (r == ranks.rank()) {
          up.add(TreeSum.Item.pack(inverse, at, lower(inverse)));
        } else {
          down.add(TreeSum.Item.unpack(at, inverse, lower(inverse)));
          received.add(inverse);
        }
        at += Float.BYTES * floats(inverse);
      }
    }
  }

  /** Counts the memory of one. */
  static void count(OperationsSize operations, Collective ranks, List<Matrix> factors) {
    List<Integer> own = WorkShares.of(owners(factors, ranks), ranks.rank());
    if (!own.isEmpty()) {
      operations.factorisation(own.stream().map(factors::get).toList(), 1);
    }
    operations.arena().floats(Math.max(1, own.size())); // dampings
    operations.arena().ints(Math.max(1, own.size())); // infos
    operations.arena().floats(factors.stream().mapToLong(SharedInverses::floats).sum());
  }

  private static int[] owners(List<Matrix> factors, Collective ranks) {
    double[] costs = factors.stream().mapToDouble(SharedInverses::cost).toArray();
    return WorkShares.owners(costs, ranks.size());
  }

  private static double cost(Matrix factor) {
    double n = factor.columns();
    return factor.rows() == 1 ? n : n * n * n;
  }

  /**
   * Inverts with the first damping; waits for the device and for all ranks.
   *
   * @param ofAll device address of the damping of each factor
   * @param infosOfAll device address of an int each; they are 0 then, if all succeeded
   * @return whether all factors have an inverse now, on every rank
   */
  boolean run(Stream s, long ofAll, long infosOfAll) {
    if (!allSucceeded(factorise(s, ofAll))) {
      return false;
    }
    if (!up.isEmpty()) {
      pack.sum(s, up, 0, ONE);
    }
    for (int r = 0; r < ranks.size(); r++) {
      ranks.broadcast(s, address(r), address(r + 1) - address(r), r);
    }
    if (!down.isEmpty()) {
      pack.sum(s, down, 0, ONE);
    }
    received.stream().filter(SharedInverses::lower).forEach(X -> epilogue.mirror(s, X));
    s.clear(infosOfAll, (long) Integer.BYTES * inverses.size());
    return true;
  }

  private boolean factorise(Stream s, long ofAll) {
    if (first == null) {
      return true;
    }
    for (int i = 0; i < own.size(); i++) {
      s.copy(one(ofAll + (long) Float.BYTES * own.get(i)), one(dampings.at(i)));
    }
    first.run(s, dampings.pointer(), infos.pointer());
    boolean all = true;
    for (int info : infos.downloadInts(own.size(), s)) {
      all &= info == 0;
    }
    return all;
  }

  private boolean allSucceeded(boolean mine) {
    boolean all = true;
    for (byte[] theirs : ranks.allGather(new byte[] {(byte) (mine ? 1 : 0)})) {
      all &= theirs[0] == 1;
    }
    return all;
  }

  private long address(int rank) {
    return packed.pointer() + Float.BYTES * begins[rank];
  }

  private static Matrix one(long address) {
    return Matrix.wrap(address, 1, 1, 1);
  }

  private static long floats(Matrix matrix) {
    return TreeSum.packedFloats(matrix.rows(), matrix.columns(), lower(matrix));
  }

  private static boolean lower(Matrix matrix) {
    return matrix.rows() > 1;
  }
}
