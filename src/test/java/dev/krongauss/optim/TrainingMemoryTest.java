package dev.krongauss.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krongauss.curvature.ExactSpace;
import dev.krongauss.curvature.Method;
import dev.krongauss.device.ArenaSize;
import dev.krongauss.device.Device;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.kernel.operations.OperationsSize;
import dev.krongauss.model.LossFunction;
import dev.krongauss.net.Activation;
import dev.krongauss.net.Loss;
import dev.krongauss.net.Network;
import dev.krongauss.testing.DeviceBatch;
import dev.krongauss.testing.Problem;
import dev.krongauss.testing.Share;
import dev.krongauss.testing.TestDevice;
import java.util.Arrays;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The memory that is foretold, held to what the device's arenas really hold. */
final class TrainingMemoryTest {
  private static final int SHAPES = 5;
  private static final int MANY_SHAPES = 14;
  private static final int[] WIDTHS = {1, 2, 3, 31, 32, 33, 63, 64, 65, 80, 130, 200};
  private static final int[] SIZES = {1, 7, 32, 65, 150, 300};

  /** What training took: of the network, and of the optimiser. */
  private record Held(long network, long optimizer) {}

  @TestFactory
  Stream<DynamicTest> factorsToTheByte() {
    return shapes(0, SHAPES);
  }

  @Tag("thorough")
  @TestFactory
  Stream<DynamicTest> factorsOfManyShapesToTheByte() {
    return Share.ofThorough().of(shapes(SHAPES, MANY_SHAPES).toList()).stream();
  }

  private static Stream<DynamicTest> shapes(int from, int to) {
    return Stream.of(Method.values())
        .flatMap(
            method ->
                IntStream.range(from, to)
                    .mapToObj(
                        k -> DynamicTest.dynamicTest(method + " " + k, () -> factors(method, k))));
  }

  private static void factors(Method method, int k) {
    for (Operations.Mode mode : Problem.modes()) {
      SplittableRandom random = new SplittableRandom(1000L * method.ordinal() + k);
      int[] widths = k == 0 ? deep() : widths(random);
      int N = SIZES[random.nextInt(SIZES.length)];
      LossFunction loss = loss(random, widths[widths.length - 1]);
      GaussNewtonSetters<?> builder = options(method, random, k).operations(mode);
      TrainingMemory said = builder.memory(widths, N, loss);
      Held held = train(widths, N, loss, mode, builder);
      assertThat(held.optimizer()).as("%s %s of %s", mode, loss, said).isEqualTo(said.optimizer());
      boolean kernels = mode == Operations.Mode.KERNELS;
      assertThat(held.network()).isEqualTo(said.network() - (kernels ? 0 : chain(widths)));
    }
  }

  /** Counters and sums, where no library computes. */
  private static long chain(int[] widths) {
    ArenaSize arena = new ArenaSize();
    new OperationsSize(arena, false).passes(widths);
    return arena.bytes();
  }

  /** More layers than step lengths that are solved for in shared memory. */
  private static int[] deep() {
    int[] widths = new int[41];
    Arrays.fill(widths, 4);
    return widths;
  }

  private static int[] widths(SplittableRandom random) {
    int[] widths = new int[2 + random.nextInt(4)];
    for (int l = 0; l < widths.length; l++) {
      widths[l] = WIDTHS[random.nextInt(WIDTHS.length)];
    }
    return widths;
  }

  private static LossFunction loss(SplittableRandom random, int outputs) {
    LossFunction loss =
        switch (random.nextInt(outputs > 1 ? 3 : 2)) {
          case 0 -> Loss.squared();
          case 1 -> Loss.bernoulli();
          default -> Loss.softmax();
        };
    return random.nextInt(4) == 0 ? Loss.weighted(loss) : loss;
  }

  /** Each option in some of the cases; those of the paper's algorithm in every second one. */
  private static GaussNewtonSetters<?> options(Method method, SplittableRandom random, int k) {
    GaussNewtonSetters<?> builder = builder(method).reductionEvery(2);
    if (k % 2 == 1) {
      builder.scalarStep().adaptGamma(random.nextBoolean()).gammaEvery(2);
      builder.momentum(random.nextBoolean());
    }
    if (random.nextInt(3) == 0) {
      builder.averageIterates(0.9);
    }
    if (random.nextBoolean()) {
      builder.budget(20_000); // of which KFLR has several chunks
    }
    return builder.diagnostics(random.nextInt(3) == 0);
  }

  private static GaussNewtonSetters<?> builder(Method method) {
    return switch (method) {
      case KFRA -> GaussNewton.kfra();
      case KFLR -> GaussNewton.kflr();
      case KFAC -> GaussNewton.kfac();
    };
  }

  private static Network network(int[] widths, Operations.Mode mode) {
    Network.Builder builder = Network.input(widths[0]).operations(mode);
    for (int l = 1; l < widths.length; l++) {
      builder.dense(widths[l], l == widths.length - 1 ? Activation.IDENTITY : Activation.TANH);
    }
    return builder.build(TestDevice.get(), 3);
  }

  /** Targets that every loss takes, with a weight of 1 where it has weights. */
  private static DeviceBatch batch(int[] widths, int N, LossFunction loss) {
    double[][] T = new double[N][loss.targets(widths[widths.length - 1])];
    for (double[] t : T) {
      t[0] = 1;
      if (loss.name().startsWith("weighted")) {
        t[t.length - 1] = 1;
      }
    }
    double[][] X = Problem.random(N, widths[0], new SplittableRandom(5));
    return DeviceBatch.of(TestDevice.get(), X, T);
  }

  private static Held train(
      int[] widths, int N, LossFunction loss, Operations.Mode mode, GaussNewtonSetters<?> builder) {
    Device device = TestDevice.get();
    try (DeviceBatch batch = batch(widths, N, loss)) {
      long before = device.allocatedBytes();
      try (Network network = network(widths, mode)) {
        network.forward(batch, device.stream());
        long between = device.allocatedBytes();
        try (Optimizer optimizer = builder.build(network, loss)) {
          for (int step = 0; step < 4; step++) {
            optimizer.step(batch).objective();
          }
          if (optimizer instanceof GaussNewton factors && factors.averagesWeights()) {
            factors.swapAverages();
            factors.swapAverages();
          }
          return new Held(between - before, device.allocatedBytes() - between);
        }
      }
    }
  }

  /** Never below; above by half and 64 KiB at most: both ways to compute are in it. */
  @TestFactory
  Stream<DynamicTest> exactWithinAHalf() {
    return IntStream.range(0, MANY_SHAPES)
        .mapToObj(k -> DynamicTest.dynamicTest("shape " + k, () -> exact(k)));
  }

  private static void exact(int k) {
    for (Operations.Mode mode : Problem.modes()) {
      SplittableRandom random = new SplittableRandom(77L + k);
      int[] widths = new int[2 + random.nextInt(3)];
      Arrays.setAll(widths, l -> WIDTHS[random.nextInt(6)]);
      int N = SIZES[random.nextInt(4)];
      LossFunction loss = random.nextBoolean() ? Loss.squared() : Loss.bernoulli();
      ExactSpace space = k % 2 == 0 ? ExactSpace.SAMPLE : ExactSpace.PARAMETER;
      ExactGaussNewton.Builder builder = GaussNewton.exact().space(space).operations(mode);
      builder = random.nextBoolean() ? builder.geodesic() : builder;
      TrainingMemory said = builder.memory(widths, N, loss);
      long held = exactly(widths, N, loss, mode, builder);
      assertThat(held).as("%s", said).isLessThanOrEqualTo(said.optimizer());
      assertThat(1.5 * held + (64 << 10)).as("%s", said).isGreaterThan(said.optimizer());
    }
  }

  private static long exactly(
      int[] widths, int N, LossFunction loss, Operations.Mode mode, ExactGaussNewton.Builder of) {
    Device device = TestDevice.get();
    try (DeviceBatch batch = batch(widths, N, loss);
        Network network = network(widths, mode)) {
      network.forward(batch, device.stream());
      long before = device.allocatedBytes();
      try (ExactGaussNewton optimizer = of.build(network, loss)) {
        optimizer.step(batch).objective();
        long held = device.allocatedBytes() - before;
        assertThat(optimizer.bytes()).isEqualTo(held);
        return held;
      }
    }
  }

  @Test
  void whoMayComputeTakesTheMost() {
    int[] widths = {20, 30, 5};
    long kernels = memory(Operations.Mode.KERNELS, widths);
    long libraries = memory(Operations.Mode.LIBRARIES, widths);
    assertThat(kernels).isNotEqualTo(libraries);
    assertThat(memory(Operations.Mode.AUTO, widths)).isEqualTo(Math.max(kernels, libraries));
  }

  private static long memory(Operations.Mode mode, int[] widths) {
    return GaussNewton.kflr().operations(mode).memory(widths, 100, Loss.softmax()).optimizer();
  }

  @Test
  void autoIsWhatItTakes() {
    int[] small = {2, 5, 1};
    int[] classifier = {100, 50, 10};
    LossFunction loss = Loss.softmax();
    assertThat(GaussNewton.auto().memory(small, 1000, Loss.squared()).what())
        .isEqualTo("exact for batches of 1,000 rows and layers [2, 5, 1]");
    assertThat(GaussNewton.auto().memory(small, 1000, Loss.squared()).optimizer())
        .isEqualTo(GaussNewton.exact().l2(1e-5).memory(small, 1000, Loss.squared()).optimizer());
    assertThat(GaussNewton.auto().memory(classifier, 100, loss))
        .isEqualTo(GaussNewton.kflr().memory(classifier, 100, loss));
    assertThat(GaussNewton.auto().budget(1).memory(classifier, 100, loss))
        .isEqualTo(GaussNewton.kfra().budget(1).memory(classifier, 100, loss));
    assertThat(GaussNewton.auto().scalarStep().memory(small, 1000, Loss.squared()).what())
        .startsWith("kflr");
  }

  @Test
  void theBatchIsCountedAsItLies() {
    int[] widths = {40, 3, 2};
    long before = TestDevice.get().allocatedBytes();
    try (DeviceBatch batch = batch(widths, 70, Loss.squared())) {
      long held = TestDevice.get().allocatedBytes() - before;
      TrainingMemory memory = GaussNewton.kfra().memory(widths, 70, Loss.squared());
      assertThat(memory.batch()).isEqualTo(held);
      assertThat(batch.size()).isEqualTo(70);
      assertThat(memory.sum()).isEqualTo(memory.optimizer() + memory.network() + held);
    }
  }

  @Test
  void whatDoesNotFitIsSaidWithBothNumbers() {
    TrainingMemory memory =
        GaussNewton.kfra().memory(new int[] {784, 500, 10}, 100, Loss.softmax());
    memory.check(memory.sum());
    assertThatThrownBy(() -> memory.check(1 << 20))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("kfra for batches of 100 rows and layers [784, 500, 10]")
        .hasMessageContaining(String.format(Locale.ROOT, "%,.1f MiB", memory.sum() / 1048576.0))
        .hasMessageContaining("there are 1.0 MiB")
        .hasMessageContaining("smaller batches");
    assertThatThrownBy(() -> memory.check(memory.sum() - 1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void whatCannotBeBuiltHasNoMemory() {
    refused(GaussNewton.kfra(), new int[] {3}, 10, "give at least d_0 and d_1");
    refused(GaussNewton.kfra(), new int[] {3, 0, 1}, 10, "numbers from 1");
    refused(GaussNewton.auto(), new int[] {3, 1}, 0, "numbers from 1");
    refused(GaussNewton.kflr().budget(0), new int[] {3, 1}, 10, "a budget of 0 bytes");
    refused(GaussNewton.kfac().momentum(true), new int[] {3, 1}, 10, "scalarStep");
    assertThatThrownBy(() -> GaussNewton.exact().memory(new int[] {3}, 9, Loss.squared()))
        .hasMessageContaining("d_0 and d_1");
    int[] uncountable = {2_000_000_000, 2_000_000_000, 2_000_000_000, 2_000_000_000};
    assertThatThrownBy(() -> GaussNewton.exact().memory(uncountable, 9, Loss.squared()))
        .hasMessageContaining("are 1.20e+19 weights");
  }

  /** Where the sum is more than a long, none is little. */
  @Test
  void moreThanCanBeCountedFitsNowhere() {
    TrainingMemory memory =
        GaussNewton.exact().memory(new int[] {100_000, 100_000, 1}, 2_000_000_000, Loss.squared());
    assertThat(memory.sum()).isEqualTo(Long.MAX_VALUE);
    assertThatThrownBy(() -> memory.check(Long.MAX_VALUE - 1)).hasMessageContaining("MiB");
  }

  private static void refused(GaussNewtonSetters<?> builder, int[] widths, int N, String why) {
    assertThatThrownBy(() -> builder.memory(widths, N, Loss.squared()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(why);
  }
}
