package dev.krongauss.dist;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krongauss.data.Batches;
import dev.krongauss.data.Dataset;
import dev.krongauss.device.Device;
import dev.krongauss.io.Checkpoint;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.model.LossFunction;
import dev.krongauss.model.Resumable;
import dev.krongauss.net.Activation;
import dev.krongauss.net.Loss;
import dev.krongauss.net.Network;
import dev.krongauss.optim.GaussNewton;
import dev.krongauss.optim.GaussNewtonSetters;
import dev.krongauss.optim.Optimizer;
import dev.krongauss.optim.StepReport;
import dev.krongauss.testing.TestDevice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Ranks that keep the factors of their own layers alone: the bits of those that keep all. */
final class ShardedRanksTest {
  private static final int UPDATES = 5;

  /** No multiple of 8 nor of 4: chunks are of two lengths. */
  private static final int N = 61;

  /** Eight layers, a bottleneck of one unit among them. */
  private static final int[] WIDTHS = {RankThreads.INPUTS, 9, 7, 4, 1, 4, 8, 9};

  /** Methods, and ladders that climb. */
  enum Kind {
    KFRA(Loss.softmax(), 4) {
      @Override
      GaussNewtonSetters<?> setters() {
        return often(GaussNewton.kfra());
      }
    },
    KFRA_DIAGONAL_TOP(Loss.squared(), 2) {
      @Override
      GaussNewtonSetters<?> setters() {
        return GaussNewton.kfra().averageIterates(0.9); // refreshed by the factors' drift
      }
    },
    KFRA_KERNELS(Loss.softmax(), 2) {
      @Override
      GaussNewtonSetters<?> setters() {
        return often(GaussNewton.kfra()).operations(Operations.Mode.KERNELS);
      }
    },
    KFLR(Loss.softmax(), 2) {
      @Override
      GaussNewtonSetters<?> setters() {
        return often(GaussNewton.kflr());
      }
    },
    /** The softmax' G is singular: rungs fail on the rank that has it, and all climb. */
    FAILING_FACTORS(Loss.softmax(), 4) {
      @Override
      GaussNewtonSetters<?> setters() {
        return often(GaussNewton.kflr()).decay(0).gamma(1e-11).mostRejected(99);
      }
    },
    /** And a rung above the first holds. */
    CLIMBING(Loss.softmax(), 2) {
      @Override
      GaussNewtonSetters<?> setters() {
        return often(GaussNewton.kflr()).decay(0).gamma(1e-8).mostRejected(99);
      }
    },
    KFAC(Loss.softmax(), 4) {
      @Override
      GaussNewtonSetters<?> setters() {
        return often(GaussNewton.kfac()).seed(11);
      }
    };

    private final LossFunction loss;
    private final int[] sizes;

    Kind(LossFunction loss, int... sizes) {
      this.loss = loss;
      this.sizes = sizes;
    }

    /** A rung that some update's inverses are from. */
    private int rung() {
      return this == FAILING_FACTORS ? 2 : this == CLIMBING ? 1 : 0;
    }

    abstract GaussNewtonSetters<?> setters();

    private static GaussNewtonSetters<?> often(GaussNewtonSetters<?> builder) {
      return builder.refreshEvery(3).reductionEvery(4);
    }
  }

  /**
   * What a rank ends with.
   *
   * @param rungs of the ladder that inverses were from
   * @param state of rank 0, or of a rank that has all; else null
   * @param bytes of device memory
   */
  private record Result(
      List<String> reports,
      Set<Integer> rungs,
      float[][] weights,
      byte[] state,
      long bytes,
      long sentBytes) {}

  @TempDir private Path folder;

  @ParameterizedTest
  @EnumSource
  void anyNumberOfRanks(Kind kind) throws IOException {
    anyNumberOfRanks(kind, kind.sizes);
  }

  /** As many as there are layers. */
  @Tag("thorough")
  @ParameterizedTest
  @EnumSource(names = {"KFRA", "KFLR"})
  void aLayerEach(Kind kind) throws IOException {
    anyNumberOfRanks(kind, 8);
  }

  static void anyNumberOfRanks(Kind kind, int... sizes) throws IOException {
    Result alone = train(kind, 1, false, UPDATES, null).get(0);
    for (int size : sizes) {
      for (Result rank : train(kind, size, true, UPDATES, null)) {
        assertThat(rank.reports).isEqualTo(alone.reports);
        assertThat(rank.weights).isDeepEqualTo(alone.weights);
        if (rank.state != null) {
          assertThat(rank.state).isEqualTo(alone.state);
        }
      }
    }
    assertThat(alone.rungs).contains(kind.rung());
    String all = alone.reports.toString();
    assertThat(all).contains(kind == Kind.FAILING_FACTORS ? "rejected" : "accepted");
  }

  /** Written by one of 4 ranks with a shard each, read by ranks with and without, and back. */
  @ParameterizedTest
  @EnumSource(names = {"KFRA"})
  void goesOnWithAnyNumberOfRanks(Kind kind) throws IOException {
    Result whole = train(kind, 1, false, 8, null).get(0);
    Path ofFour = folder.resolve("of-four");
    Files.write(ofFour, train(kind, 4, true, 4, null).get(0).state);
    Path ofOne = folder.resolve("of-one");
    Files.write(ofOne, train(kind, 1, false, 4, null).get(0).state);
    assertThat(Files.readAllBytes(ofFour)).isEqualTo(Files.readAllBytes(ofOne));
    for (boolean sharded : new boolean[] {true, false}) {
      for (Result rank : train(kind, 2, sharded, 4, ofFour)) {
        assertThat(rank.reports).isEqualTo(whole.reports.subList(4, 8));
        assertThat(rank.weights).isDeepEqualTo(whole.weights);
      }
    }
    Result one = train(kind, 1, false, 4, ofFour).get(0);
    assertThat(one.state).isEqualTo(whole.state);
    assertThat(train(kind, 4, true, 4, ofOne).get(0).state).isEqualTo(whole.state);
  }

  /** The factors are the most of it where batches are small. */
  @Test
  void aRankHasLessMemoryAndSendsLess() throws IOException {
    for (int size : new int[] {2, 4}) {
      List<Result> whole = train(Kind.KFRA, size, false, 2, null);
      List<Result> sharded = train(Kind.KFRA, size, true, 2, null);
      for (int r = 0; r < size; r++) {
        assertThat(sharded.get(r).bytes).isLessThan(whole.get(r).bytes);
      }
      assertThat(sharded.stream().mapToLong(Result::sentBytes).sum())
          .isLessThan(whole.stream().mapToLong(Result::sentBytes).sum());
    }
  }

  @Test
  void whatCannotBeShardedIsRefused() {
    LossFunction loss = Loss.softmax();
    try (Network few = RankThreads.network(TestDevice.get())) {
      Collective four = Threads.group(4, java.time.Duration.ofSeconds(1)).get(0);
      assertThatThrownBy(() -> GaussNewton.kfra().ranks(four).shard().build(few, loss))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("4 ranks for 3 layers");
      assertThatThrownBy(() -> GaussNewton.kfra().scalarStep().shard().build(few, loss))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("scalarStep()");
    }
  }

  @Test
  void aStateThatWasNotGatheredIsNotSaved() {
    assertThatThrownBy(
            () ->
                RankThreads.run(
                    2,
                    ranks -> {
                      try (Device device = RankThreads.device(ranks);
                          Network network = RankThreads.network(device);
                          Batches batches =
                              Batches.shard(device, RankThreads.data(), N, 3, ranks.rank(), 2);
                          Optimizer kfra =
                              GaussNewton.kfra()
                                  .ranks(ranks)
                                  .shard()
                                  .build(network, Loss.softmax())) {
                        kfra.step(batches.next());
                        kfra.gather();
                        kfra.step(batches.next());
                        return RankThreads.state(device, Map.of("optimizer", kfra));
                      }
                    }))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("call gather() on all ranks");
  }

  private static Network network(Device device) {
    Network.Builder builder = Network.input(WIDTHS[0]);
    for (int l = 1; l < WIDTHS.length; l++) {
      builder.dense(WIDTHS[l], Activation.TANH);
    }
    return builder.dense(RankThreads.OUTPUTS, Activation.IDENTITY).build(device, 7);
  }

  private static List<Result> train(Kind kind, int size, boolean shard, int updates, Path from)
      throws IOException {
    return RankThreads.run(size, ranks -> train(ranks, kind, shard, updates, from));
  }

  private static Result train(Collective ranks, Kind kind, boolean shard, int updates, Path from)
      throws IOException {
    Dataset data = RankThreads.data();
    GaussNewtonSetters<?> setters = kind.setters().ranks(ranks);
    try (Device device = RankThreads.device(ranks);
        Network network = network(device);
        Batches batches = Batches.shard(device, data, N, 3, ranks.rank(), ranks.size());
        Optimizer optimizer = (shard ? setters.shard() : setters).build(network, kind.loss)) {
      Map<String, Resumable> parts = new LinkedHashMap<>();
      parts.put("weights", Resumable.weights(network));
      parts.put("optimizer", optimizer);
      parts.put("batches", batches);
      if (from != null) {
        Checkpoint.load(from, device.stream(), parts);
      }
      List<String> reports = new ArrayList<>();
      Set<Integer> rungs = new TreeSet<>();
      for (int k = 0; k < updates; k++) {
        StepReport report = optimizer.step(batches.next());
        reports.add(RankThreads.exactly(report));
        rungs.add(report.rung());
      }
      long bytes = device.allocatedBytes();
      long sent = ranks.sentBytes();
      optimizer.gather();
      boolean saves = !shard || ranks.rank() == 0;
      byte[] state = saves ? RankThreads.state(device, parts) : null;
      return new Result(reports, rungs, network.weights(), state, bytes, sent);
    }
  }
}
