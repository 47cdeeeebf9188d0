package dev.krongauss.dist;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krongauss.data.Batches;
import dev.krongauss.data.Dataset;
import dev.krongauss.data.RowSource;
import dev.krongauss.device.Device;
import dev.krongauss.net.Loss;
import dev.krongauss.net.Network;
import dev.krongauss.optim.Adam;
import dev.krongauss.optim.GaussNewton;
import dev.krongauss.optim.Optimizer;
import java.nio.FloatBuffer;
import org.junit.jupiter.api.Test;

/** Ranks whose batches are not of one row find out before the first update. */
final class OtherBatchesTest {
  private static final int N = 32;
  private static final long SEED = 3;

  /** Of two ranks, the second one's. */
  private interface Make {
    Batches batches(Device device, int rank);
  }

  @Test
  void otherNumbersAreNamed() {
    differ(
        "data ranks [400][6] -> [3], ",
        (device, rank) -> {
          Dataset data = RankThreads.data();
          data.inputs()[1234] += rank;
          return Batches.shard(device, data, N, SEED, rank, 2);
        });
  }

  @Test
  void anotherSeedIsNamed() {
    differ(
        "seed of the batches 4, and rank 0 has 3;",
        (device, rank) -> Batches.shard(device, RankThreads.data(), N, SEED + rank, rank, 2));
  }

  @Test
  void anotherPlaceIsNamed() {
    differ(
        "batch number 5, and rank 0 has 0;",
        (device, rank) -> {
          Batches batches = Batches.shard(device, RankThreads.data(), N, SEED, rank, 2);
          batches.seek(5L * rank);
          return batches;
        });
  }

  /** A source is looked at in 16 of its rows, the last one, too. */
  @Test
  void otherRowsOfASourceAreNamed() {
    differ(
        "rows of the data 16 with ",
        (device, rank) -> Batches.streamed(device, new Source(rank), N, SEED, rank, 2));
  }

  @Test
  void theSameAreTaken() {
    RankThreads.run(2, ranks -> step(ranks, OtherBatchesTest::shard, kfra()));
    RankThreads.run(
        2,
        ranks ->
            step(
                ranks,
                (device, rank) -> Batches.streamed(device, new Source(0), N, SEED, rank, 2),
                kfra()));
  }

  private static Batches shard(Device device, int rank) {
    return Batches.shard(device, RankThreads.data(), N, SEED, rank, 2);
  }

  /** The data set, of which the last row's first number may be another one. */
  private record Source(Dataset data, float added) implements RowSource {
    Source(float added) {
      this(RankThreads.data(), added);
    }

    @Override
    public String name() {
      return "source";
    }

    @Override
    public int size() {
      return data.size();
    }

    @Override
    public int inputWidth() {
      return data.inputWidth();
    }

    @Override
    public int targetWidth() {
      return data.targetWidth();
    }

    @Override
    public void read(int row, FloatBuffer inputs, FloatBuffer targets) {
      data.read(row, inputs, targets);
      if (row == size() - 1) {
        inputs.put(0, inputs.get(0) + added);
      }
    }
  }

  private static RankThreads.Build kfra() {
    return (network, loss, ranks) -> GaussNewton.kfra().ranks(ranks).build(network, loss);
  }

  private static boolean step(Collective ranks, Make make, RankThreads.Build build) {
    try (Device device = RankThreads.device(ranks);
        Network network = RankThreads.network(device);
        Batches batches = make.batches(device, ranks.rank());
        Optimizer optimizer = build.build(network, Loss.softmax(), ranks)) {
      return optimizer.step(batches.next()).accepted();
    }
  }

  private static void differ(String what, Make make) {
    RankThreads.Build adam =
        (network, loss, ranks) -> Adam.builder().ranks(ranks).build(network, loss);
    for (RankThreads.Build build : new RankThreads.Build[] {kfra(), adam}) {
      assertThatThrownBy(() -> RankThreads.run(2, ranks -> step(ranks, make, build)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("rank 1 has " + what);
    }
  }
}
