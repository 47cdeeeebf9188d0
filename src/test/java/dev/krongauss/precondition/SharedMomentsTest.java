package dev.krongauss.precondition;

import static dev.krongauss.testing.Compare.bound;
import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.device.Usage;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.precondition.PositionBatch.Padding;
import dev.krongauss.reference.Algebra;
import dev.krongauss.testing.Compare;
import dev.krongauss.testing.DeviceBatch;
import dev.krongauss.testing.Problem;
import dev.krongauss.testing.TestDevice;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Factors of shared layers are the moments that their definitions say. */
final class SharedMomentsTest {
  private static final long SEED = 2311;
  private static final int I = 6;
  private static final int O = 5;

  private final Device device = TestDevice.get();
  private final Stream s = device.stream();
  private final SplittableRandom random = new SplittableRandom(SEED);

  @ParameterizedTest
  @CsvSource({"EXPAND, 1", "EXPAND, 3", "REDUCE, 1", "REDUCE, 2"})
  void momentsOfEveryPadding(Sharing sharing, int K) {
    for (Operations.Mode mode : Problem.modes()) {
      for (Padding padding : Padding.values()) {
        for (int kind = 0; kind < 4; kind++) {
          moments(mode, sharing, padding, K, kind % 2 == 1, kind / 2 == 1, 7, 4, kind == 3);
        }
      }
    }
  }

  /** More rows than the scratch memory has, in a batch whose padding makes all of them pass it. */
  @ParameterizedTest
  @CsvSource({"EXPAND, 90, 51", "REDUCE, 2300, 2"})
  void momentsOfManyRows(Sharing sharing, int N, int T) {
    for (Operations.Mode mode : Problem.modes()) {
      moments(mode, sharing, Padding.LENGTHS, 1, false, false, N, T, true);
    }
  }

  private void moments(
      Operations.Mode mode,
      Sharing sharing,
      Padding padding,
      int K,
      boolean summed,
      boolean ofMean,
      int N,
      int T,
      boolean apart) {
    try (Arena arena = device.newArena("moments");
        Preconditioner p =
            Preconditioner.on(device)
                .layer(I + 1, O)
                .shared(T + 2, sharing)
                .layout(WeightLayout.OUT_IN, apart ? Bias.SEPARATE : Bias.COLUMN)
                .operations(mode)
                .build()) {
      PositionBatch batch = new PositionBatch(arena, device, N, T, padding, random);
      double[][] x = Problem.random(N * T, I, random);
      double[][] a = new double[x.length][];
      for (int row = 0; row < x.length; row++) {
        a[row] = Arrays.copyOf(x[row], I + 1);
        a[row][I] = 1;
      }
      double[][] C = Problem.random(N * T * K, O, random);
      Positions positions = summed ? batch.positions.summed() : batch.positions;
      positions = ofMean ? positions.gradientsOfMean() : positions;
      long before = device.allocatedBytes();
      Matrix activations = DeviceBatch.foreign(arena, device, batch.spoiled(apart ? x : a));
      Matrix roots = DeviceBatch.foreign(arena, device, batch.spoiled(C));
      long taken = device.allocatedBytes();
      p.positions().accumulate(0, activations, roots, positions, s);
      assertThat(device.allocatedBytes()).isEqualTo(taken).isGreaterThan(before);
      boolean reduce = sharing == Sharing.REDUCE;
      double D = reduce || summed ? batch.V() : batch.Z();
      double scale = ofMean ? D * D : 1;
      double[][] Q = reduce ? batch.reduced(a, batch.V(), true) : batch.expanded(a, batch.Z());
      double[][] G = reduce ? batch.reduced(C, D, false) : batch.expanded(C, D);
      check("Q", Q, p.factors().Q(0), N * T);
      check("G", Algebra.scale(scale, G), p.factors().G(0), N * T * K);
    }
  }

  /** A sum of so many products, each row scaled with 6 roundings, and its total's. */
  private void check(String name, double[][] wanted, Matrix got, int rows) {
    double trace = Algebra.trace(wanted); // no element's terms have a greater sum of magnitudes
    Compare.lower(name, SEED, wanted, got.download(s), bound(1, rows + 30, trace));
  }

  /** At one position a shared layer is what it was, bit for bit. */
  @ParameterizedTest
  @MethodSource("dev.krongauss.testing.Setups#modes")
  void onePositionIsTheLayerWithoutSharing(Operations.Mode mode) {
    try (Arena arena = device.newArena("one position");
        Preconditioner plain = layers(mode, null);
        Preconditioner expanded = layers(mode, Sharing.EXPAND);
        Preconditioner reduced = layers(mode, Sharing.REDUCE)) {
      Matrix a = DeviceBatch.foreign(arena, device, Problem.random(33, I + 1, random));
      Matrix C = DeviceBatch.foreign(arena, device, Problem.random(66, O, random));
      Matrix g = DeviceBatch.foreign(arena, device, Problem.random(O, I + 1, random));
      float[][] wanted = results(plain, arena, a, C, g, false);
      for (Preconditioner p : new Preconditioner[] {plain, expanded, reduced}) {
        for (boolean told : new boolean[] {false, true}) {
          p.restart();
          assertThat(results(p, arena, a, C, g, told)).isDeepEqualTo(wanted);
        }
      }
    }
  }

  private Preconditioner layers(Operations.Mode mode, Sharing sharing) {
    Preconditioner.Builder builder =
        Preconditioner.on(device).layer(I + 1, O).gamma(0.25).operations(mode);
    return (sharing == null ? builder : builder.shared(1, sharing)).build();
  }

  private float[][] results(
      Preconditioner p, Arena arena, Matrix a, Matrix C, Matrix g, boolean told) {
    for (int batch = 0; batch < 2; batch++) {
      if (told) {
        p.positions().accumulate(0, a, C, Positions.of(a.rows(), 1), s);
      } else {
        p.accumulate(0, a, C, s);
      }
    }
    p.refresh(s);
    Matrix direction = arena.matrix(O, I + 1, "direction");
    p.apply(0, g, direction, s);
    return new float[][] {
      p.factors().Q(0).download(s), p.factors().G(0).download(s), direction.download(s)
    };
  }

  /** The number of positions may differ from batch to batch, and nothing is taken for it. */
  @ParameterizedTest
  @MethodSource("dev.krongauss.testing.Setups#modes")
  void positionsVaryByBatch(Operations.Mode mode) {
    try (Arena arena = device.newArena("varying");
        Preconditioner p =
            Preconditioner.on(device)
                .layer(I, O)
                .shared(8, Sharing.EXPAND)
                .decay(0.999)
                .operations(mode)
                .build()) {
      double[][] Q = Algebra.zeros(I, I);
      double[][] G = Algebra.zeros(O, O);
      Usage before = device.usage();
      int rows = 0;
      int[][] shapes = {{3, 8}, {5, 1}, {2, 40}, {4, 8}};
      for (int b = 0; b < shapes.length; b++) {
        int N = shapes[b][0];
        int T = shapes[b][1];
        PositionBatch batch = new PositionBatch(arena, device, N, T, Padding.MASK, random);
        double[][] a = Problem.random(N * T, I, random);
        double[][] C = Problem.random(N * T, O, random);
        Matrix activations = DeviceBatch.foreign(arena, device, a);
        Matrix roots = DeviceBatch.foreign(arena, device, C);
        before = device.usage();
        p.positions().accumulate(0, activations, roots, batch.positions, s);
        assertThat(device.usage().deviceBytes()).isEqualTo(before.deviceBytes());
        Q = Algebra.combine(1 - 1.0 / (b + 1), Q, 1.0 / (b + 1), batch.expanded(a, batch.Z()));
        G = Algebra.combine(1 - 1.0 / (b + 1), G, 1.0 / (b + 1), batch.expanded(C, batch.Z()));
        rows += N * T;
      }
      check("Q", Q, p.factors().Q(0), rows);
      check("G", G, p.factors().G(0), rows);
    }
  }
}
