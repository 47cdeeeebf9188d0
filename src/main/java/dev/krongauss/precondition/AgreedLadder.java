package dev.krongauss.precondition;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.dist.Collective;
import dev.krongauss.kernel.operations.Factorisation;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.kernel.operations.OperationsSize;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * The ladder of dampings where each rank has the factors of its own layers alone: all ranks try a
 * rung, and tell each other what became of it; the first one that holds on each is everybody's.
 */
final class AgreedLadder {
  private final LayerOwners owners;
  private final Factorisation first;
  private final Factorisation others;
  private final int rungs;
  private final int own;
  private final Buffer ownInfos;
  private final Buffer ownTraces;
  private final Buffer allInfos;

  /**
   * @param factors of this rank's layers, Q_l and G_l in turn
   * @param inverses of the same shapes
   */
  AgreedLadder(
      Operations operations,
      Arena arena,
      LayerOwners owners,
      List<Matrix> factors,
      List<Matrix> inverses,
      int rungs) {
    this.owners = owners;
    this.rungs = rungs;
    first = operations.factorisation(arena, factors, List.of(inverses));
    others = operations.climbing(arena, factors, inverses);
    own = factors.size();
    ownInfos = arena.ints(own, "infos of own layers");
    ownTraces = arena.floats(own, "traces of own layers");
    allInfos = arena.ints(2L * owners.layers(), "infos of a rung");
  }

  /** Counts the memory of one. */
  static void count(OperationsSize operations, List<Matrix> factors, LayerOwners owners) {
    operations.factorisation(factors, 1);
    operations.climbing(factors);
    operations.arena().ints(factors.size());
    operations.arena().floats(factors.size());
    operations.arena().ints(2.0 * owners.layers());
  }

  /** Device address of the traces of this rank's factors. */
  long ownTraces() {
    return ownTraces.pointer();
  }

  /**
   * Inverts with the first rung that holds; waits for the device and for all ranks.
   *
   * @param dampings floats {@code [rungs][own factors]}
   * @param infos ints {@code [rungs][all factors]}, of which rungs behind that one are left alone
   * @param traces floats {@code [all factors]}, which get those of all ranks
   */
  void run(Stream s, Buffer dampings, Buffer infos, Buffer traces) {
    int all = 2 * owners.layers();
    boolean holds = false;
    for (int rung = 0; rung < rungs && !holds; rung++) {
      Factorisation factorisation = rung == 0 ? first : others;
      factorisation.run(s, dampings.at(rung * own), ownInfos.pointer());
      holds = share(s, traces);
      s.copy(row(allInfos.pointer(), all), row(infos.at(rung * all), all));
    }
  }

  private static Matrix row(long address, int columns) {
    return Matrix.wrap(address, 1, columns, columns);
  }

  /** Tells all ranks this rank's infos and traces; whether all infos are 0. */
  private boolean share(Stream s, Buffer traces) {
    Collective ranks = owners.ranks();
    ByteBuffer mine = ByteBuffer.allocate(2 * Integer.BYTES * own);
    for (int info : ownInfos.downloadInts(own, s)) {
      mine.putInt(info);
    }
    for (float trace : ownTraces.downloadFloats(own, s)) {
      mine.putInt(Float.floatToRawIntBits(trace));
    }
    int[] infosOfAll = new int[2 * owners.layers()];
    float[] tracesOfAll = new float[infosOfAll.length];
    List<byte[]> told = ranks.allGather(mine.array());
    boolean holds = true;
    for (int r = 0; r < told.size(); r++) {
      ByteBuffer theirs = ByteBuffer.wrap(told.get(r));
      int begin = 2 * owners.first(r);
      int end = begin + 2 * owners.count(r);
      for (int k = begin; k < end; k++) {
        infosOfAll[k] = theirs.getInt();
        holds &= infosOfAll[k] == 0;
      }
      for (int k = begin; k < end; k++) {
        tracesOfAll[k] = Float.intBitsToFloat(theirs.getInt());
      }
    }
    allInfos.uploadInts(infosOfAll, s);
    traces.upload(tracesOfAll, s);
    return holds;
  }
}
