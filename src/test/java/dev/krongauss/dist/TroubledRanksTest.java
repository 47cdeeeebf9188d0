package dev.krongauss.dist;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krongauss.curvature.ExactSpace;
import dev.krongauss.data.Batches;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.kernel.TreeSum;
import dev.krongauss.model.Batch;
import dev.krongauss.model.LossFunction;
import dev.krongauss.net.Loss;
import dev.krongauss.net.Network;
import dev.krongauss.optim.Adam;
import dev.krongauss.optim.GaussNewton;
import dev.krongauss.optim.Optimizer;
import dev.krongauss.testing.TestDevice;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** RankThreads in trouble agree about it; ranks that differ find out before the first update. */
final class TroubledRanksTest {
  private static final LossFunction LOSS = Loss.softmax();
  private static final int N = 32;

  /** A rank's part with one value that is not a number, where the rank is the last one. */
  private static Batch spoilt(Batch batch, Collective ranks, Device device) {
    if (ranks.rank() == ranks.size() - 1) {
      Matrix inputs = batch.inputs();
      float[] row = new float[inputs.columns()];
      Arrays.fill(row, Float.NaN);
      inputs.rows(1, 1).upload(row, device.stream());
    }
    return batch;
  }

  @Test
  void allRejectTheUpdateOfOneRanksNaN() {
    for (int size : new int[] {1, 4}) {
      List<List<Boolean>> accepted =
          RankThreads.run(
              size,
              ranks -> {
                try (Device device = RankThreads.device(ranks);
                    Network network = RankThreads.network(device);
                    Batches batches =
                        Batches.shard(device, RankThreads.data(), N, 3, ranks.rank(), size);
                    Optimizer kfra = GaussNewton.kfra().ranks(ranks).build(network, LOSS)) {
                  boolean first = kfra.step(batches.next()).accepted();
                  boolean second = kfra.step(spoilt(batches.next(), ranks, device)).accepted();
                  boolean third = kfra.step(batches.next()).accepted();
                  return List.of(first, second, third);
                }
              });
      assertThat(accepted).allMatch(List.of(true, false, true)::equals);
    }
  }

  @Test
  void optionsThatDifferAreNamed() {
    differ(
        "mostRejected 7",
        ranks ->
            GaussNewton.kfra()
                .mostRejected(50 - 43 * ranks.rank())
                .ranks(ranks)
                .build(network(7), LOSS));
    differ(
        "chunks 4",
        ranks ->
            GaussNewton.kfra().chunks(8 - 4 * ranks.rank()).ranks(ranks).build(network(7), LOSS));
    differ(
        "learningRate 0.5",
        ranks ->
            Adam.builder()
                .learningRate(ranks.rank() == 0 ? 0.25 : 0.5)
                .ranks(ranks)
                .build(network(7), LOSS));
    differ("weights", ranks -> Adam.builder().ranks(ranks).build(network(7 + ranks.rank()), LOSS));
  }

  private interface Build {
    Optimizer build(Collective ranks);
  }

  private static Network network(long seed) {
    return Network.input(RankThreads.INPUTS)
        .dense(RankThreads.OUTPUTS, dev.krongauss.net.Activation.IDENTITY)
        .build(Device.open(), seed);
  }

  private static void differ(String what, Build build) {
    assertThatThrownBy(
            () ->
                RankThreads.run(
                    2,
                    ranks -> {
                      Optimizer optimizer = build.build(ranks);
                      try (Device device = optimizer.model().device();
                          Batches batches =
                              Batches.shard(device, RankThreads.data(), N, 3, ranks.rank(), 2)) {
                        return optimizer.step(batches.next()).accepted();
                      }
                    }))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("rank 1 has " + what);
  }

  @Test
  void partsOfBatchesThatDoNotFitAreRefused() {
    Device device = TestDevice.get();
    try (Network network = RankThreads.network(device);
        Batches second = Batches.shard(device, RankThreads.data(), N, 3, 1, 2);
        Batches few = Batches.of(device, RankThreads.data(), 7, 3);
        Optimizer alone = GaussNewton.kfra().build(network, LOSS);
        Optimizer cut = GaussNewton.kfra().chunks(8).build(network, LOSS)) {
      refused(() -> alone.step(second.next()), "Batches.shard", "16 from row 16");
      refused(() -> cut.step(few.next()), "7 datapoints for 8 chunks");
      refused(() -> Batches.shard(device, RankThreads.data(), N, 3, 2, 2), "rank 2 of 2");
      refused(() -> GaussNewton.kfra().chunks(3).build(network, LOSS), "3 chunks");
      refused(
          () -> GaussNewton.exact().space(ExactSpace.SAMPLE).chunks(8).build(network, LOSS),
          "sample space");
      refused(() -> GaussNewton.auto().chunks(8).build(network, LOSS), "auto()");
      refused(
          () -> GaussNewton.kfra().scalarStep().momentum(true).chunks(8).build(network, LOSS),
          "momentum(true)");
      Collective five = Threads.group(5, java.time.Duration.ofSeconds(1)).get(0);
      refused(() -> GaussNewton.kfra().ranks(five).build(network, LOSS), "8 chunks for 5 ranks");
    }
  }

  /** What travels: triangles packed, 2 S (p − 1) / p bytes a rank, and little for padding. */
  @Test
  void bytesAreThoseOfTheFormula() {
    int updates = 4;
    int p = 4;
    List<RankThreads.Result> results =
        RankThreads.run(
            p,
            ranks ->
                RankThreads.trained(
                    ranks,
                    (network, loss, group) ->
                        GaussNewton.kfra()
                            .refreshEvery(1)
                            .adaptLambda(false)
                            .ranks(group)
                            .build(network, loss),
                    LOSS,
                    N,
                    updates));
    int[] d = {RankThreads.INPUTS, 9, 5, RankThreads.OUTPUTS};
    double sums = 1 + 9; // the loss, and the curvature of three directions
    double once = 0;
    for (int l = 1; l < d.length; l++) {
      double factors = triangle(d[l - 1] + 1) + triangle(d[l]);
      double weights = d[l] * (d[l - 1] + 1);
      sums += weights + factors;
      once += weights + factors;
    }
    // Each sum goes to and fro in pieces, each direction and each inverse is sent by the rank that
    // has made it.
    double least = updates * 4 * (2 * sums * (p - 1) + once);
    // Each of four sums is rounded up to 256 floats a rank, which is much for so small a network,
    // and each row to 4.
    double padding = updates * 4 * (2.0 * (p - 1) * (4 * 256 * p + 200) + 400);
    double sent = results.stream().mapToLong(RankThreads.Result::sentBytes).sum();
    assertThat(sent).isBetween(least, least + padding);
  }

  /** Of the full autoencoder, whose padding is nothing. */
  @Test
  void paddingIsLessThanAHundredth() {
    int[] d = {784, 400, 200, 100, 50, 25, 6, 25, 50, 100, 200, 400, 784};
    double exact = 0;
    long packed = 0;
    for (int l = 1; l < d.length; l++) {
      exact += d[l] * (d[l - 1] + 1) + triangle(d[l - 1] + 1) + triangle(d[l]);
      packed += TreeSum.packedFloats(d[l], d[l - 1] + 1, false);
      packed += TreeSum.packedFloats(d[l - 1] + 1, d[l - 1] + 1, true);
      packed += TreeSum.packedFloats(d[l], d[l], true);
    }
    for (int p : new int[] {2, 4, 8, 16}) {
      double least = 2 * 4 * exact * (p - 1) / p;
      assertThat((double) TreeReduction.sentBytes(packed, p)).isBetween(least, 1.01 * least);
    }
  }

  private static double triangle(int n) {
    return 0.5 * n * (n + 1);
  }

  private static void refused(Runnable call, String... parts) {
    assertThatThrownBy(call::run)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(parts);
  }
}
