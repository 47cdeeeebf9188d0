package dev.krongauss.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krongauss.curvature.Method;
import dev.krongauss.data.Batches;
import dev.krongauss.data.Dataset;
import dev.krongauss.device.ArenaSize;
import dev.krongauss.device.Device;
import dev.krongauss.dist.Collective;
import dev.krongauss.dist.Threads;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.kernel.operations.OperationsSize;
import dev.krongauss.model.LossFunction;
import dev.krongauss.net.Activation;
import dev.krongauss.net.Loss;
import dev.krongauss.net.Network;
import dev.krongauss.testing.Problem;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The memory that is foretold of batches in chunks, held to what the arenas of each rank hold. */
final class ChunkedMemoryTest {
  private static final int[] WIDTHS = {7, 33, 20, 12, 5};
  private static final int UPDATES = 2;

  /**
   * A training.
   *
   * @param N rows of a batch, which chunks do not divide evenly
   */
  private record Case(Method method, int chunks, int ranks, boolean shard, boolean scalar, int N) {
    GaussNewtonSetters<?> builder(Collective rank, Operations.Mode mode) {
      GaussNewtonSetters<?> builder =
          switch (method) {
            case KFRA -> GaussNewton.kfra();
            case KFLR -> GaussNewton.kflr().budget(20_000);
            case KFAC -> GaussNewton.kfac();
          };
      builder.chunks(chunks).reductionEvery(2).operations(mode);
      if (ranks > 1) {
        builder.ranks(rank);
      }
      if (shard) {
        builder.shard();
      }
      return scalar ? builder.scalarStep() : builder.averageIterates(0.9);
    }
  }

  static Stream<Case> cases() {
    return Stream.of(
        new Case(Method.KFRA, 4, 1, false, true, 9),
        new Case(Method.KFRA, 4, 2, false, false, 45),
        new Case(Method.KFRA, 4, 4, true, false, 45),
        new Case(Method.KFLR, 4, 2, true, false, 45),
        new Case(Method.KFAC, 8, 1, false, false, 101),
        new Case(Method.KFAC, 4, 2, true, false, 45));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void eachRankHoldsWhatIsSaid(Case of) {
    ExecutorService threads = Executors.newFixedThreadPool(of.ranks);
    try {
      for (Operations.Mode mode : Problem.modes()) {
        List<CompletableFuture<Void>> all =
            Threads.group(of.ranks, Duration.ofMinutes(2)).stream()
                .map(rank -> CompletableFuture.runAsync(() -> train(of, rank, mode), threads))
                .toList();
        all.forEach(CompletableFuture::join);
      }
    } finally {
      threads.shutdownNow();
    }
  }

  /** To the byte where it is known how many rows are a block; else never below. */
  private static void train(Case of, Collective rank, Operations.Mode mode) {
    LossFunction loss = Loss.squared();
    GaussNewtonSetters<?> builder = of.builder(rank, mode);
    TrainingMemory said = builder.memory(WIDTHS, of.N, loss);
    try (rank;
        Device device = Device.open();
        Batches batches = Batches.shard(device, rows(of.N), of.N, 3, rank.rank(), rank.size())) {
      assertThat(device.allocatedBytes()).isEqualTo(said.batch());
      try (Network network = network(device, mode);
          Optimizer optimizer = builder.build(network, loss)) {
        int block = network.rowBlock(); // a trial, which gives its memory back
        for (int k = 0; k < UPDATES; k++) {
          optimizer.step(batches.next()).objective();
        }
        if (!of.scalar) {
          ((GaussNewton) optimizer).swapAverages();
          ((GaussNewton) optimizer).swapAverages();
        }
        long held = device.allocatedBytes() - said.batch();
        long exactly = exactly(of, builder.options().checked(), loss, mode, block);
        assertThat(held).as("%s, %s, blocks of %d", said, mode, block).isEqualTo(exactly);
        assertThat(held).isLessThanOrEqualTo(said.optimizer() + said.network());
        if (mode == Operations.Mode.KERNELS) {
          assertThat(said.optimizer() + said.network()).isEqualTo(exactly);
        }
      }
    }
  }

  /** Of optimiser and network on such a device. */
  private static long exactly(
      Case of, GaussNewtonOptions options, LossFunction loss, Operations.Mode mode, int block) {
    boolean kernels = mode == Operations.Mode.KERNELS;
    OperationsSize who = OperationsSize.of(mode).get(0);
    long optimizer = UpdateSize.of(of.method, WIDTHS, of.N, loss, options, who, block);
    int rows = ChunkSize.passRows(options.split(), of.N, block);
    ArenaSize chain = new ArenaSize(); // counters and sums, where no library computes
    new OperationsSize(chain, false).passes(WIDTHS);
    return optimizer + NetworkMemory.network(WIDTHS, rows) - (kernels ? 0 : chain.bytes());
  }

  private static Network network(Device device, Operations.Mode mode) {
    Network.Builder builder = Network.input(WIDTHS[0]).operations(mode);
    for (int l = 1; l < WIDTHS.length; l++) {
      builder.dense(WIDTHS[l], l == WIDTHS.length - 1 ? Activation.IDENTITY : Activation.TANH);
    }
    return builder.build(device, 3);
  }

  private static Dataset rows(int N) {
    int inputs = WIDTHS[0];
    int outputs = WIDTHS[WIDTHS.length - 1];
    Random random = new Random(5);
    float[] x = new float[N * inputs];
    float[] t = new float[N * outputs];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) random.nextGaussian();
    }
    for (int i = 0; i < t.length; i++) {
      t[i] = (float) random.nextGaussian();
    }
    return Dataset.supervised("rows", x, inputs, t, outputs);
  }

  @Test
  void whatIsNotCountedIsRefused() {
    assertThat(GaussNewton.kfra().chunks(4).memory(WIDTHS, 40, Loss.squared()).what())
        .endsWith("in 4 chunks on 1 ranks");
    assertThatThrownBy(() -> GaussNewton.kfra().chunks(8).memory(WIDTHS, 7, Loss.squared()))
        .hasMessageContaining("7 datapoints for 8 chunks");
    assertThatThrownBy(() -> GaussNewton.exact().chunks(4).memory(WIDTHS, 40, Loss.squared()))
        .hasMessageContaining("the memory of exact() for batches in 4 chunks on 1 ranks");
  }
}
