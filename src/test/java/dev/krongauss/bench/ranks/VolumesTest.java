package dev.krongauss.bench.ranks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.data.Batches;
import dev.krongauss.data.Dataset;
import dev.krongauss.device.Device;
import dev.krongauss.dist.Collective;
import dev.krongauss.dist.Threads;
import dev.krongauss.net.Activation;
import dev.krongauss.net.Loss;
import dev.krongauss.net.Network;
import dev.krongauss.optim.GaussNewton;
import dev.krongauss.optim.GaussNewtonSetters;
import dev.krongauss.optim.Optimizer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What ranks send is what the formula says, but for rows and sums that are rounded up. */
final class VolumesTest {
  private static final int[] WIDTHS = {500, 400, 60, 500};
  private static final int N = 64;
  private static final double ROUNDED_UP = 1.05;
  private static final int REFRESH_EVERY = 2;

  /** Of an update that refreshes, and of a plain one. */
  private record Sent(long refreshing, long plain) {}

  @ParameterizedTest
  @ValueSource(ints = {2, 4})
  void littleMoreThanTheLeast(int size) throws Exception {
    List<Sent> sent = train(size, false);
    Volumes volumes = Volumes.of(WIDTHS, true);
    double refreshing = sent.stream().mapToLong(Sent::refreshing).sum();
    double plain = sent.stream().mapToLong(Sent::plain).sum();
    assertThat(refreshing / (size * volumes.leastBytes(size, true))).isBetween(1.0, ROUNDED_UP);
    assertThat(plain / (size * volumes.leastBytes(size, false))).isBetween(1.0, ROUNDED_UP);
  }

  @Test
  void littleMoreThanTheLeastOfShards() throws Exception {
    int size = 2; // of more the parts are small here, and are rounded up
    List<Sent> sent = train(size, true);
    Volumes volumes = Volumes.of(WIDTHS, true);
    Collective ranks = Threads.group(size, Duration.ofMinutes(2)).get(0);
    long handedOver = Volumes.handedOver(WIDTHS, Volumes.owners(ranks, WIDTHS, REFRESH_EVERY));
    double refreshing = sent.stream().mapToLong(Sent::refreshing).sum();
    double plain = sent.stream().mapToLong(Sent::plain).sum();
    assertThat(refreshing / (size * volumes.leastShardedBytes(size, true, handedOver)))
        .isBetween(1.0, ROUNDED_UP);
    assertThat(plain / (size * volumes.leastShardedBytes(size, false, handedOver)))
        .isBetween(1.0, ROUNDED_UP);
  }

  /** W is 2 x 4 and 3 x 3; Q 4 x 4 and 3 x 3; G 2 x 2, and a diagonal of 3 or 3 x 3. */
  @Test
  void countsTriangles() {
    int[] widths = {3, 2, 3};
    assertThat(Volumes.of(widths, true)).isEqualTo(new Volumes(17, 10 + 6 + 3 + 3, 22, 4));
    assertThat(Volumes.of(widths, false)).isEqualTo(new Volumes(17, 10 + 6 + 3 + 6, 25, 4));
    assertThat(Volumes.of(widths, true).leastBytes(2, false)).isEqualTo(4 * (22 + 8.5));
    assertThat(Volumes.of(widths, true).leastBytes(1, false)).isZero();
  }

  private static List<Sent> train(int size, boolean shard) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(size);
    try {
      List<Future<Sent>> futures = new ArrayList<>();
      for (Collective rank : Threads.group(size, Duration.ofMinutes(2))) {
        futures.add(threads.submit(() -> train(rank, shard)));
      }
      List<Sent> sent = new ArrayList<>();
      for (Future<Sent> future : futures) {
        sent.add(future.get());
      }
      return sent;
    } finally {
      threads.shutdownNow();
    }
  }

  private static Sent train(Collective ranks, boolean shard) {
    Random random = new Random(1);
    float[] values = new float[N * WIDTHS[0]];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextFloat();
    }
    Dataset data = Dataset.autoencoder("volumes", values, WIDTHS[0]);
    try (ranks;
        Device device = Device.open();
        Network network =
            Network.input(WIDTHS[0])
                .dense(WIDTHS[1], Activation.TANH)
                .dense(WIDTHS[2], Activation.TANH)
                .dense(WIDTHS[3], Activation.IDENTITY)
                .build(device, 1);
        Batches batches = Batches.shard(device, data, N, 1, ranks.rank(), ranks.size());
        Optimizer kfra = kfra(ranks, shard).build(network, Loss.bernoulli())) {
      kfra.step(batches.next());
      long first = ranks.sentBytes();
      kfra.step(batches.next());
      assertThat(ranks.waits()).isPositive();
      return new Sent(first, ranks.sentBytes() - first);
    }
  }

  private static GaussNewtonSetters<?> kfra(Collective ranks, boolean shard) {
    GaussNewtonSetters<?> setters =
        GaussNewton.kfra().refreshEvery(REFRESH_EVERY).adaptLambda(false).ranks(ranks);
    return shard ? setters.shard() : setters;
  }
}
