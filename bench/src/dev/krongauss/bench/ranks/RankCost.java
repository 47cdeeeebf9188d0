package dev.krongauss.bench.ranks;

import dev.krongauss.data.Batches;
import dev.krongauss.data.Curves;
import dev.krongauss.data.Dataset;
import dev.krongauss.device.Device;
import dev.krongauss.dist.Collective;
import dev.krongauss.dist.Mpi;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * What several ranks on MPI cost: KFRA on the full autoencoder of CURVES, by rank 0 alone, by each
 * rank alone at the same time, and by all ranks together, with state that each has whole and with
 * sharded state, with the same chunks, in turns. Processor time of all ranks, as a share of that of
 * rank 0 alone, while other processors rest, and of the mean of those side by side, which share the
 * machine's caches and memory as the ranks do; with and without that of the JVM's compilers; bytes
 * and waits of one.
 *
 * <p>{@code KRONGAUSS_BLAS_THREADS=1 mpirun -np 2 bench/run dev.krongauss.bench.ranks.RankCost
 * [TURNS [ROWS [CHUNKS]]]}
 */
public final class RankCost {
  private static final String[] KINDS = {"plain", "refreshing", "an update of the mean"};

  /** Turns that capture, and in which the compilers of the JVM still work. */
  private static final int WARM = 10;

  /** Bytes that a rank sends at least in an update. */
  private interface Least {
    double bytes(boolean refresh);
  }

  private RankCost() {}

  /** Of the processor time of all ranks to that of one, of each number and turn. */
  private record Ratios(double[][] alone, double[][] beside) {
    Ratios(int turns) {
      this(new double[TimedTraining.NUMBERS][turns], new double[TimedTraining.NUMBERS][turns]);
    }

    void add(int i, int turn, double all, double one, double another) {
      alone[i][turn] = all / one;
      beside[i][turn] = all / another;
    }
  }

  public static void main(String[] arguments) {
    int turns = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 5;
    int N = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 1000;
    int chunks = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 8;
    Dataset data = Curves.generate(Math.max(2000, N), 1);
    try (Collective ranks = Mpi.open(Duration.ofMinutes(5));
        Device device = Device.open();
        Batches whole = Batches.of(device, data, N, 1);
        Batches part = Batches.shard(device, data, N, 1, ranks.rank(), ranks.size());
        TimedTraining alone = new TimedTraining(device, whole, chunks, null);
        TimedTraining shared = new TimedTraining(device, part, chunks, ranks);
        Batches same = Batches.shard(device, data, N, 1, ranks.rank(), ranks.size());
        TimedTraining sharded = new TimedTraining(device, same, chunks, ranks, true)) {
      Ratios ofWhole = new Ratios(turns);
      Ratios ofSharded = new Ratios(turns);
      for (int k = -WARM; k < turns; k++) {
        double[] nothing = new double[TimedTraining.NUMBERS];
        double[] one = sum(ranks, ranks.rank() == 0 ? alone.turn() : nothing);
        double[] beside = sum(ranks, alone.turn());
        double[] all = sum(ranks, shared.turn());
        double[] shards = sum(ranks, sharded.turn());
        for (int i = 0; i < nothing.length && k >= 0; i++) {
          ofWhole.add(i, k, all[i], one[i], beside[i] / ranks.size());
          ofSharded.add(i, k, shards[i], one[i], beside[i] / ranks.size());
        }
      }
      Volumes volumes = Volumes.of(TimedTraining.WIDTHS, true);
      long handedOver = Volumes.handedOver(TimedTraining.WIDTHS, sharded.owners());
      int p = ranks.size();
      print(ranks, "whole state", ofWhole, shared, refresh -> volumes.leastBytes(p, refresh));
      print(
          ranks,
          "sharded state",
          ofSharded,
          sharded,
          refresh -> volumes.leastShardedBytes(p, refresh, handedOver));
    }
  }

  /** Over the ranks; those that have nothing to do wait here. */
  private static double[] sum(Collective ranks, double[] mine) {
    ByteBuffer bytes = ByteBuffer.allocate(Double.BYTES * mine.length);
    bytes.asDoubleBuffer().put(mine);
    double[] sum = new double[mine.length];
    for (byte[] theirs : ranks.allGather(bytes.array())) {
      for (int i = 0; i < sum.length; i++) {
        sum[i] += ByteBuffer.wrap(theirs).getDouble(Double.BYTES * i);
      }
    }
    return sum;
  }

  private static void print(
      Collective ranks, String what, Ratios ratios, TimedTraining training, Least least) {
    double[] bytes = sum(ranks, training.bytes());
    if (ranks.rank() > 0) {
      return;
    }
    System.out.printf(
        "%d ranks, %s, %s, %,d bytes of the optimiser%n",
        ranks.size(), ranks.engine(), what, training.builtBytes());
    print("rank 0 alone", ratios.alone());
    print("one of them alone, side by side", ratios.beside());
    for (int i : List.of(0, 1)) {
      double mean = bytes[i] / ranks.size();
      System.out.printf(
          Locale.ROOT,
          "%s: a rank sends %,.0f bytes, %.3f of the least, and waits %d times on the host%n",
          KINDS[i],
          mean,
          mean / least.bytes(i == 1),
          training.waits()[i]);
    }
  }

  private static void print(String one, double[][] ratios) {
    for (int i = 0; i < KINDS.length; i++) {
      System.out.printf(
          Locale.ROOT,
          "processor time of all ranks / %s, median of %d turns: %s %.3f, without the JVM's"
              + " compilers %.3f%n",
          one,
          ratios[i].length,
          KINDS[i],
          ChunkCost.median(ratios[i]),
          ChunkCost.median(ratios[KINDS.length + i]));
    }
  }
}
