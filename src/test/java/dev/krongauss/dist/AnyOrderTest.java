package dev.krongauss.dist;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krongauss.data.Batches;
import dev.krongauss.device.Device;
import dev.krongauss.net.Loss;
import dev.krongauss.net.Network;
import dev.krongauss.optim.GaussNewton;
import dev.krongauss.optim.Optimizer;
import dev.krongauss.optim.Sgd;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sums in the engine's order: ranks agree to the bit, and with the fixed order to rounding. */
final class AnyOrderTest {
  private static final int N = 61;
  private static final double EPSILON = 0x1p-24;
  private static final double RATE = 0.5;

  /**
   * A threads' group sums from rank 0 on, so that of 4 ranks it has another order than the tree.
   */
  @ParameterizedTest
  @ValueSource(ints = {2, 4})
  void ranksHaveTheSameBits(int size) {
    RankThreads.Build kfra =
        (network, loss, ranks) ->
            GaussNewton.kfra()
                .refreshEvery(3)
                .reductionEvery(4)
                .ranks(ranks.inAnyOrder())
                .build(network, loss);
    List<RankThreads.Result> results =
        RankThreads.run(size, ranks -> RankThreads.trained(ranks, kfra, Loss.softmax(), N, 9));
    for (RankThreads.Result rank : results) {
      assertThat(rank.reports()).isEqualTo(results.get(0).reports());
      assertThat(rank.weights()).isDeepEqualTo(results.get(0).weights());
      assertThat(rank.state()).isEqualTo(results.get(0).state());
    }
    assertThat(results.get(0).reports().get(8)).contains("accepted");
  }

  /**
   * One update of SGD is W − r g. Either order sums p means over the ranks' rows of gradients whose
   * size is at most that of the largest term, here below 1 for softmax of inputs below 5 and units
   * below 1: 5 (p − 1) ε in each order, r of it, and one rounding of W.
   */
  @Test
  void isTheFixedOrderButForRounding() {
    int size = 4;
    float[][] fixed = oneStep(size, false);
    float[][] any = oneStep(size, true);
    double bound = 2 * RATE * 5 * (size - 1) * EPSILON + 2 * 4 * EPSILON;
    boolean moved = false;
    for (int l = 0; l < fixed.length; l++) {
      for (int i = 0; i < fixed[l].length; i++) {
        assertThat((double) any[l][i])
            .isCloseTo(fixed[l][i], org.assertj.core.data.Offset.offset(bound));
        moved |= any[l][i] != fixed[l][i];
      }
    }
    assertThat(moved).as("another order, some other bits").isTrue();
  }

  private static float[][] oneStep(int size, boolean any) {
    return RankThreads.run(
            size,
            ranks ->
                RankThreads.trained(
                    ranks,
                    (network, loss, group) ->
                        Sgd.builder()
                            .learningRate(RATE)
                            .ranks(any ? group.inAnyOrder() : group)
                            .build(network, loss),
                    Loss.softmax(),
                    N,
                    1))
        .get(0)
        .weights();
  }

  @Test
  void oneRankInAnyOrderIsNamed() {
    assertThatThrownBy(
            () ->
                RankThreads.run(
                    2,
                    ranks -> {
                      Collective group = ranks.rank() == 1 ? ranks.inAnyOrder() : ranks;
                      try (Device device = RankThreads.device(ranks);
                          Network network = RankThreads.network(device);
                          Batches batches =
                              Batches.shard(device, RankThreads.data(), 32, 3, ranks.rank(), 2);
                          Optimizer sgd =
                              Sgd.builder()
                                  .learningRate(RATE)
                                  .ranks(group)
                                  .build(network, Loss.softmax())) {
                        return sgd.step(batches.next()).accepted();
                      }
                    }))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("rank 1 has sums in any order, and rank 0 has in one tree");
  }
}
