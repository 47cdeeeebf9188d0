package dev.krongauss.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krongauss.device.Device;
import dev.krongauss.kernel.Random;
import dev.krongauss.kernel.argument.Count;
import dev.krongauss.model.LossFunction;
import dev.krongauss.net.Activation;
import dev.krongauss.net.Loss;
import dev.krongauss.net.Network;
import dev.krongauss.testing.DeviceBatch;
import dev.krongauss.testing.TestDevice;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Counts of updates far out: what depends on them goes on at 2^31 and 2^32, and ends at 2^53. */
final class CountersTest {
  private static final long SEED = 11;
  private static final long FAR = 1L << 30;
  private static final int UPDATES = 6;
  private static final LossFunction LOSS = Loss.squared();

  private final Device device = TestDevice.get();
  private final DeviceBatch batch =
      DeviceBatch.of(
          device,
          new double[][] {{0.5, -1, 2}, {1, 0.25, -0.5}, {-0.75, 1, 1}, {0.125, -2, 0.5}},
          new double[][] {{1, 0}, {0.5, -1}, {0, 2}, {-0.5, 0.25}});

  @AfterEach
  void close() {
    batch.close();
  }

  enum Kind {
    SGD {
      @Override
      Optimizer build(Network network, long seed) {
        return Sgd.builder().build(network, LOSS);
      }
    },
    NESTEROV {
      @Override
      Optimizer build(Network network, long seed) {
        return Sgd.builder().momentum(0.9).nesterov(true).build(network, LOSS);
      }
    },
    ADAM {
      @Override
      Optimizer build(Network network, long seed) {
        return Adam.builder().build(network, LOSS);
      }
    },
    KFRA {
      @Override
      Optimizer build(Network network, long seed) {
        return often(GaussNewton.kfra()).build(network, LOSS);
      }
    },
    /** Refreshes come as the factors' drift has it, which counts from where the device is. */
    KFRA_BY_DRIFT {
      @Override
      Optimizer build(Network network, long seed) {
        return GaussNewton.kfra().reductionEvery(3).build(network, LOSS);
      }
    },
    KFLR_WITH_EVERYTHING {
      @Override
      Optimizer build(Network network, long seed) {
        return often(GaussNewton.kflr())
            .scalarStep()
            .momentum(true)
            .averageIterates(0.99)
            .adaptGamma(true)
            .gammaEvery(4)
            .build(network, LOSS);
      }
    },
    /** By one step length, whose first updates are like all others. */
    KFAC {
      @Override
      Optimizer build(Network network, long seed) {
        return often(GaussNewton.kfac()).scalarStep().seed(seed).build(network, LOSS);
      }
    };

    abstract Optimizer build(Network network, long seed);

    private static GaussNewton.Builder often(GaussNewton.Builder builder) {
      return builder.refreshEvery(2).reductionEvery(3);
    }
  }

  /** Reports and weights of some updates. */
  private record Run(List<String> reports, List<Long> updates, float[][] weights) {}

  /** Nothing but random numbers depends on a count that is large: the same bits as anywhere. */
  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "KFAC")
  void updatesAreTheSameBeyondEveryWord(Kind kind) {
    Run wanted = run(kind, FAR, SEED);
    for (long begun : new long[] {(1L << 31) - 4, (1L << 32) - 4, (1L << 32), (5L << 40) - 3}) {
      Run got = run(kind, begun, SEED);
      assertThat(got.reports()).as("after %d updates", begun).isEqualTo(wanted.reports());
      assertThat(got.weights()).isDeepEqualTo(wanted.weights());
      for (int k = 0; k < UPDATES; k++) {
        assertThat(got.updates().get(k)).isEqualTo(begun + k + 1);
      }
    }
  }

  /** The random numbers beyond 2^32 are those of a seed of their own, on both sides of the step. */
  @Test
  void sampledTargetsComeFromOtherNumbersInEveryWord() {
    long word = 1L << 32;
    Run beyond = run(Kind.KFAC, word, SEED);
    assertThat(beyond.weights())
        .isDeepEqualTo(run(Kind.KFAC, 0, Random.seedOf(SEED, word)).weights());
    Run first = run(Kind.KFAC, 0, SEED);
    assertThat(beyond.weights()[0]).isNotEqualTo(first.weights()[0]);
    assertThat(run(Kind.KFAC, 3 * word, SEED).weights()[0])
        .isNotEqualTo(first.weights()[0])
        .isNotEqualTo(beyond.weights()[0]);
    // Captured below the step, and captured anew beyond it: as if every update were enqueued.
    assertThat(run(Kind.KFAC, word - 9, SEED, 18).weights())
        .isDeepEqualTo(enqueued(Kind.KFAC, word - 9, SEED, 18).weights());
  }

  @ParameterizedTest(name = "{0} updates, a half every {1}: {2} halvings")
  @CsvSource({
    "2147483643, 100000000, 21",
    "2147483647, 100000000, 21",
    "2147483648, 2147483647, 1",
    "4294967295, 100000000, 42",
    "4294967296, 100000000, 42",
    "10000000000, 100000000, 100",
    "10000000001, 100000000, 100",
    "12600000000, 100000000, 126",
  })
  void theLearningRateOnlyFalls(long begun, int halveEvery, int halvings) {
    try (Network network = network();
        Optimizer adam = Adam.builder().halveEvery(halveEvery).build(network, LOSS)) {
      adam.exchange(new CountsState(device, begun));
      StepReport report = adam.step(batch);
      double wanted = halvings < 126 ? Math.scalb(1e-3f, -halvings) : 0;
      assertThat(report.alpha()).isEqualTo((float) wanted);
      assertThat(report.update()).isEqualTo(begun + 1);
      assertThat(report.accepted()).isTrue();
    }
  }

  /** A decay next to 1, whose bias is still there after 2^33 updates. */
  @Test
  void adamCorrectsTheBiasOfSlowMomentsToTheEnd() {
    double beta = 1 - 0x1p-34;
    try (Network network = network();
        Optimizer adam =
            Adam.builder().betas(0.9, beta).epsilon(1e-30).learningRate(1).build(network, LOSS)) {
      adam.exchange(new CountsState(device, (1L << 33) - 1));
      float before = network.weights()[1][0];
      adam.step(batch);
      // m = 0.1 g, v = (1 - beta) g², t = 2^33: m / sqrt(v / (1 - beta^t))
      double wanted = 0.1 / Math.sqrt(0x1p-34 / -Math.expm1(Math.log1p(-0x1p-34) * 0x1p33));
      double moved = Math.abs(network.weights()[1][0] - before);
      assertThat(moved / wanted).isBetween(1 - 1e-5, 1 + 1e-5);
    }
  }

  @ParameterizedTest
  @EnumSource
  void theMostThatIsCountedIsSaid(Kind kind) {
    try (Network network = network();
        Optimizer optimizer = kind.build(network, SEED)) {
      optimizer.exchange(new CountsState(device, Count.MOST - 2));
      optimizer.step(batch);
      assertThat(optimizer.step(batch).update()).isEqualTo(1L << 53);
      float[][] weights = network.weights();
      assertThatThrownBy(() -> optimizer.step(batch))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage(
              "%s has counted 9,007,199,254,740,992 updates, and 9,007,199,254,740,992 are the most"
                  + " that it counts; go on with these weights and a new optimiser",
              optimizer.name());
      assertThat(network.weights()).isDeepEqualTo(weights);
    }
  }

  /** As many as an int holds are tolerated, and counted no further. */
  @Test
  void rejectionsInARowAreCountedUpToTheMostThatAreTolerated() {
    DeviceBatch bad =
        DeviceBatch.of(device, new double[][] {{Double.NaN, 0, 0}}, new double[][] {{0, 0}});
    try (bad;
        Network network = network();
        Optimizer kfra = GaussNewton.kfra().mostRejected(Integer.MAX_VALUE).build(network, LOSS)) {
      CountsState at = new CountsState(device, FAR);
      at.rejected = Integer.MAX_VALUE - 1;
      kfra.exchange(at);
      for (int k = 0; k < 3; k++) {
        assertThat(kfra.step(bad).rejectedInARow()).isEqualTo(Integer.MAX_VALUE);
      }
      assertThat(kfra.step(batch).rejectedInARow()).isZero();
    }
  }

  private Network network() {
    return Network.input(3)
        .dense(4, Activation.TANH)
        .dense(2, Activation.IDENTITY)
        .build(device, 7);
  }

  private Run enqueued(Kind kind, long begun, long seed, int updates) {
    String before = System.getProperty("krongauss.graphs");
    System.setProperty("krongauss.graphs", "off");
    try {
      return run(kind, begun, seed, updates);
    } finally {
      if (before == null) {
        System.clearProperty("krongauss.graphs");
      } else {
        System.setProperty("krongauss.graphs", before);
      }
    }
  }

  private Run run(Kind kind, long begun, long seed) {
    return run(kind, begun, seed, UPDATES);
  }

  private Run run(Kind kind, long begun, long seed, int updates) {
    try (Network network = network();
        Optimizer optimizer = kind.build(network, seed)) {
      if (begun > 0) {
        optimizer.exchange(new CountsState(device, begun));
      }
      List<String> reports = new ArrayList<>();
      List<Long> numbers = new ArrayList<>();
      for (int k = 0; k < updates; k++) {
        StepReport report = optimizer.step(batch);
        numbers.add(report.update());
        reports.add(report.toString().replaceFirst("update \\d+", "update"));
      }
      return new Run(reports, numbers, network.weights());
    }
  }
}
