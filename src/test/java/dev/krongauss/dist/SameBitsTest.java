package dev.krongauss.dist;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.model.LossFunction;
import dev.krongauss.net.Loss;
import dev.krongauss.net.Network;
import dev.krongauss.optim.Adam;
import dev.krongauss.optim.GaussNewton;
import dev.krongauss.optim.GaussNewtonSetters;
import dev.krongauss.optim.Muon;
import dev.krongauss.optim.Optimizer;
import dev.krongauss.optim.Sgd;
import dev.krongauss.testing.Share;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** 1, 2, 4 and 8 ranks train as one: reports, weights and the whole state, bit for bit. */
final class SameBitsTest {
  private static final int UPDATES = 9;

  /** No multiple of 8 nor of 4: chunks are of two lengths. */
  private static final int N = 61;

  private static final LossFunction LOSS = Loss.softmax();

  /** Methods with refreshes, reductions and schedules that fall on different updates. */
  enum Kind {
    KFRA {
      @Override
      Optimizer build(Network network, LossFunction loss, Collective ranks) {
        return often(GaussNewton.kfra()).ranks(ranks).build(network, loss);
      }
    },
    KFRA_PAPER {
      @Override
      Optimizer build(Network network, LossFunction loss, Collective ranks) {
        return often(GaussNewton.kfra()).scalarStep().ranks(ranks).build(network, loss);
      }
    },
    KFRA_BY_DRIFT {
      @Override
      Optimizer build(Network network, LossFunction loss, Collective ranks) {
        return GaussNewton.kfra().averageIterates(0.9).ranks(ranks).build(network, loss);
      }
    },
    KFRA_KERNELS {
      @Override
      Optimizer build(Network network, LossFunction loss, Collective ranks) {
        return often(GaussNewton.kfra())
            .operations(Operations.Mode.KERNELS)
            .ranks(ranks)
            .build(network, loss);
      }
    },
    /** The softmax' G is singular: the first rung fails on some rank, and all climb. */
    FAILING_FACTORS {
      @Override
      Optimizer build(Network network, LossFunction loss, Collective ranks) {
        return often(GaussNewton.kflr())
            .decay(0)
            .gamma(1e-11)
            .mostRejected(99)
            .ranks(ranks)
            .build(network, loss);
      }
    },
    KFLR {
      @Override
      Optimizer build(Network network, LossFunction loss, Collective ranks) {
        return often(GaussNewton.kflr()).ranks(ranks).build(network, loss);
      }
    },
    KFAC {
      @Override
      Optimizer build(Network network, LossFunction loss, Collective ranks) {
        return often(GaussNewton.kfac()).ranks(ranks).build(network, loss);
      }
    },
    KFAC_SAMPLED_TOP {
      @Override
      Optimizer build(Network network, LossFunction loss, Collective ranks) {
        return often(GaussNewton.kfac()).expectedTop(false).ranks(ranks).build(network, loss);
      }
    },
    EXACT {
      @Override
      Optimizer build(Network network, LossFunction loss, Collective ranks) {
        return GaussNewton.exact().l2(1e-4).ranks(ranks).build(network, loss);
      }
    },
    EXACT_MARQUARDT {
      @Override
      Optimizer build(Network network, LossFunction loss, Collective ranks) {
        return GaussNewton.exact().l2(1e-4).marquardt().ranks(ranks).build(network, loss);
      }
    },
    /** By this project's kernels, which add rows of a chunk slice by slice. */
    EXACT_GEODESIC {
      @Override
      Optimizer build(Network network, LossFunction loss, Collective ranks) {
        return GaussNewton.exact()
            .geodesic()
            .operations(Operations.Mode.KERNELS)
            .ranks(ranks)
            .build(network, loss);
      }
    },
    ADAM {
      @Override
      Optimizer build(Network network, LossFunction loss, Collective ranks) {
        return Adam.builder().learningRate(0.01).halveEvery(40).ranks(ranks).build(network, loss);
      }
    },
    MUON {
      @Override
      Optimizer build(Network network, LossFunction loss, Collective ranks) {
        return Muon.builder().ranks(ranks).build(network, loss);
      }
    },
    SGD {
      @Override
      Optimizer build(Network network, LossFunction loss, Collective ranks) {
        return Sgd.builder().momentum(0.9).ranks(ranks).build(network, loss);
      }
    };

    abstract Optimizer build(Network network, LossFunction loss, Collective ranks);

    private static GaussNewtonSetters<?> often(GaussNewtonSetters<?> builder) {
      return builder.refreshEvery(3).reductionEvery(4).seed(11);
    }
  }

  @TempDir private Path folder;

  @ParameterizedTest
  @EnumSource
  void anyNumberOfRanks(Kind kind) {
    anyNumberOfRanks(kind, UPDATES, 4);
  }

  @Tag("thorough")
  @ParameterizedTest
  @MethodSource("aShareOfKinds")
  void anyNumberOfRanksForLong(Kind kind) {
    anyNumberOfRanks(kind, 100, 2, 4, 8);
  }

  static List<Kind> aShareOfKinds() {
    return Share.ofThorough().of(List.of(Kind.KFRA, Kind.KFLR, Kind.KFAC, Kind.ADAM));
  }

  static void anyNumberOfRanks(Kind kind, int updates, int... sizes) {
    RankThreads.Result alone = train(kind, 1, updates).get(0);
    assertThat(alone.reports().get(updates - 1)).contains("update " + updates);
    assertThat(alone.reports().toString())
        .contains(kind == Kind.FAILING_FACTORS ? "rejected" : "accepted");
    assertThat(alone.sentBytes()).isZero();
    for (int size : sizes) {
      for (RankThreads.Result rank : train(kind, size, updates)) {
        same(rank, alone);
        assertThat(rank.replayed()).as("updates from graphs").isPositive();
      }
    }
  }

  /** Written by one of 4 ranks, read by 2, and by one alone. */
  @ParameterizedTest
  @EnumSource(names = {"KFAC", "ADAM"})
  void goesOnWithAnotherNumberOfRanks(Kind kind) throws Exception {
    RankThreads.Result whole = train(kind, 1, 14).get(0);
    Path file = folder.resolve("rank-0");
    Files.write(file, train(kind, 4, 8).get(0).state());
    for (int size : new int[] {1, 2}) {
      List<RankThreads.Result> rest =
          RankThreads.run(size, ranks -> RankThreads.train(ranks, kind::build, LOSS, N, 6, file));
      for (RankThreads.Result rank : rest) {
        assertThat(rank.reports()).isEqualTo(whole.reports().subList(8, 14));
        assertThat(rank.weights()).isDeepEqualTo(whole.weights());
        assertThat(rank.state()).isEqualTo(whole.state());
      }
    }
  }

  /** Without a group the same chunks are the same bits, though updates come from graphs then. */
  @Test
  void chunksAlone() {
    RankThreads.Build cut =
        (network, loss, ranks) ->
            GaussNewton.kfra()
                .refreshEvery(3)
                .reductionEvery(4)
                .seed(11)
                .chunks(8)
                .build(network, loss);
    RankThreads.Result alone =
        RankThreads.run(1, ranks -> RankThreads.trained(ranks, cut, LOSS, N, 20)).get(0);
    same(alone, train(Kind.KFRA, 2, 20).get(1));
  }

  private static List<RankThreads.Result> train(Kind kind, int size, int updates) {
    return RankThreads.run(
        size, ranks -> RankThreads.trained(ranks, kind::build, LOSS, N, updates));
  }

  private static void same(RankThreads.Result rank, RankThreads.Result alone) {
    assertThat(rank.reports()).isEqualTo(alone.reports());
    assertThat(rank.weights()).isDeepEqualTo(alone.weights());
    assertThat(rank.state()).isEqualTo(alone.state());
  }
}
