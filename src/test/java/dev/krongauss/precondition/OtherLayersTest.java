package dev.krongauss.precondition;

import static dev.krongauss.testing.Compare.bound;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.precondition.PositionBatch.Padding;
import dev.krongauss.reference.Algebra;
import dev.krongauss.reference.ReferenceGaussNewton;
import dev.krongauss.testing.Compare;
import dev.krongauss.testing.DeviceBatch;
import dev.krongauss.testing.Problem;
import dev.krongauss.testing.TestDevice;
import java.util.List;
import java.util.SplittableRandom;
import org.assertj.core.api.ThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Embeddings, scales and shifts, against dense layers and blocks in double. */
final class OtherLayersTest {
  private static final long SEED = 90;
  private static final double GAMMA = 0.125;
  private static final int N = 5;
  private static final int T = 6;
  private static final int ROWS = 8;
  private static final int D = 4;

  private final Device device = TestDevice.get();
  private final Stream s = device.stream();
  private final SplittableRandom random = new SplittableRandom(SEED);

  /** What a dense layer does whose activations are the indices' one-hot rows. */
  @ParameterizedTest
  @EnumSource(Padding.class)
  void anEmbeddingIsADenseLayerOfOneHotRows(Padding padding) {
    for (Operations.Mode mode : Problem.modes()) {
      try (Arena arena = device.newArena("embedding");
          Preconditioner p =
              Preconditioner.on(device)
                  .embedding(ROWS, D)
                  .shared(T, Sharing.EXPAND)
                  .gamma(GAMMA)
                  .operations(mode)
                  .build()) {
        PositionBatch batch = new PositionBatch(arena, device, N, T, padding, random);
        int[] index = new int[N * T];
        double[][] oneHot = Algebra.zeros(N * T, ROWS);
        for (int row = 0; row < index.length; row++) {
          boolean counts = batch.v[row / T][row % T] > 0;
          index[row] = counts ? random.nextInt(ROWS - 1) : 1 << 20; // the last one is never met
          oneHot[row][counts ? index[row] : 0] = 1;
        }
        double[][] C = Problem.random(N * T, D, random);
        Buffer indices = arena.ints(index.length, "indices");
        indices.uploadInts(index, s);
        Matrix roots = DeviceBatch.foreign(arena, device, batch.spoiled(C));
        p.positions()
            .embedding(0, indices.pointer(), roots, batch.positions.summed().gradientsOfMean(), s);
        double[][] Q = batch.expanded(oneHot, batch.Z());
        double[][] G = Algebra.scale(batch.V() * batch.V(), batch.expanded(C, batch.V()));
        direction(p, arena, G, Q, Algebra.transpose(Problem.random(D, ROWS, random)));
      }
    }
  }

  /** Of right factors G and left ones Q, as a table's gradient [rows][d] has them. */
  private void direction(
      Preconditioner p, Arena arena, double[][] right, double[][] left, double[][] gradient) {
    p.refresh(s);
    assertThat(p.failure(s)).isEmpty();
    Matrix direction = arena.matrix(gradient.length, gradient[0].length, "direction");
    p.apply(0, DeviceBatch.foreign(arena, device, gradient), direction, s);
    double omega = ReferenceGaussNewton.omega(right, left);
    double[][] B = Algebra.combine(1, right, omega * GAMMA, Algebra.identity(right.length));
    double[][] A = Algebra.combine(1, left, GAMMA / omega, Algebra.identity(left.length));
    double[][] wanted =
        Algebra.scale(
            -1,
            Algebra.multiply(Algebra.multiply(Algebra.inverse(A), gradient), Algebra.inverse(B)));
    double error =
        (Algebra.condition(A) + Algebra.condition(B)) * Math.sqrt(Algebra.dot(wanted, wanted));
    double bound = bound(4, N * T + left.length + right.length + 30, error);
    Compare.matrix("direction", SEED, wanted, direction.download(s), bound);
  }

  /** The block is the second moment of the parameters' gradients, one a datapoint. */
  @ParameterizedTest
  @CsvSource({"NONE, 1, 4", "LENGTHS, 1, 4", "MASK, 2, 4", "MASK, 1, 600"})
  void aScaleAndAShiftHaveTheirOwnBlock(Padding padding, int K, int d) {
    for (Operations.Mode mode : Problem.modes()) {
      for (boolean summed : new boolean[] {false, true}) {
        try (Arena arena = device.newArena("scale");
            Preconditioner p =
                Preconditioner.on(device)
                    .scaleAndShift(d)
                    .scale(d)
                    .shift(d)
                    .gamma(GAMMA)
                    .operations(mode)
                    .build()) {
          PositionBatch batch = new PositionBatch(arena, device, N, T, padding, random);
          double[][] x = Problem.random(N * T, d, random);
          double[][] C = Problem.random(N * T * K, d, random);
          double[][] both = new double[C.length][2 * d];
          for (int row = 0; row < C.length; row++) {
            for (int j = 0; j < d; j++) {
              both[row][j] = C[row][j] * x[row / K][j];
              both[row][d + j] = C[row][j];
            }
          }
          Positions positions = summed ? batch.positions.summed() : batch.positions;
          Matrix scaled = DeviceBatch.foreign(arena, device, batch.spoiled(x));
          Matrix roots = DeviceBatch.foreign(arena, device, batch.spoiled(C));
          p.positions().scale(0, scaled, roots, positions, s);
          p.positions().scale(1, scaled, roots, positions, s);
          p.positions().shift(2, roots, positions, s);
          double[][] block = batch.reduced(both, summed ? batch.V() : batch.Z(), false);
          check(p, 0, block, 0, 2 * d);
          check(p, 1, block, 0, d);
          check(p, 2, block, d, d);
          assertThat(p.factors().Q(0).download(s)).containsExactly(1);
          assertThat(p.factors().diagonal(0)).isEqualTo(2 * d > 1024);
        }
      }
    }
  }

  private void check(Preconditioner p, int layer, double[][] block, int first, int count) {
    Matrix G = p.factors().G(layer);
    double worst = bound(1, N * T + 80, Algebra.trace(block) * T);
    float[] got = G.download(s);
    for (int i = 0; i < count; i++) {
      for (int j = 0; j <= i; j++) {
        if (G.rows() > 1 || i == j) {
          float value = G.rows() > 1 ? got[i * count + j] : got[i];
          Compare.scalar(
              "layer " + layer + " [" + i + "][" + j + "]",
              SEED,
              block[first + i][first + j],
              value,
              worst);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("dev.krongauss.testing.Setups#modes")
  void anIndexThatDoesNotExistIsReported(Operations.Mode mode) {
    try (Arena arena = device.newArena("index");
        Preconditioner p = Preconditioner.on(device).embedding(ROWS, D).operations(mode).build()) {
      Buffer indices = arena.ints(2, "indices");
      Matrix C = DeviceBatch.foreign(arena, device, Problem.random(2, D, random));
      for (int wrong : new int[] {ROWS, -1}) {
        p.restart();
        indices.uploadInts(new int[] {1, wrong}, s);
        p.positions().embedding(0, indices.pointer(), C, Positions.of(2, 1), s);
        p.refresh(s);
        assertThat(p.failure(s)).contains("factor G of layer 1");
      }
      p.restart();
      indices.uploadInts(new int[] {1, 2}, s);
      p.positions().embedding(0, indices.pointer(), C, Positions.of(2, 1), s);
      p.refresh(s);
      assertThat(p.failure(s)).isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("dev.krongauss.testing.Setups#modes")
  void aLengthThatCannotBeIsReported(Operations.Mode mode) {
    try (Arena arena = device.newArena("length");
        Preconditioner p =
            Preconditioner.on(device)
                .layer(2, 2)
                .shared(2, Sharing.EXPAND)
                .operations(mode)
                .build()) {
      Buffer lengths = arena.ints(2, "lengths");
      Matrix rows = DeviceBatch.foreign(arena, device, Problem.random(4, 2, random));
      lengths.uploadInts(new int[] {1, 3}, s);
      p.positions().accumulate(0, rows, rows, Positions.of(2, 2).lengths(lengths.pointer()), s);
      p.refresh(s);
      assertThat(p.failure(s)).contains("factor Q of layer 1");
    }
  }

  @Test
  void theReportSaysWhatIsCoveredAndWhatNot() {
    try (Preconditioner p =
        Preconditioner.on(device)
            .embedding(100, 8)
            .layer(9, 24)
            .shared(16, Sharing.EXPAND)
            .layout(WeightLayout.IN_OUT, Bias.SEPARATE)
            .scaleAndShift(8)
            .diagonalLayer(8, 3)
            .layout(WeightLayout.OUT_IN, Bias.NONE)
            .uncovered("mixing of heads", 1234)
            .build()) {
      assertThat(p.report())
          .contains(
              "layer 0: embedding [100][8], diagonal of its rows",
              "layer 1: dense [24][9], bias apart, shared by 16 positions, expand",
              "layer 2: scale and shift of 8",
              "layer 3: dense [3][8], no bias, diagonal of its block",
              "1,056 of 2,290 parameters",
              "NOT COVERED: mixing of heads, 1,234 parameters");
    }
  }

  @Test
  void misuseIsSaidBeforeAnythingRuns() {
    try (Arena arena = device.newArena("misuse");
        Preconditioner p =
            Preconditioner.on(device)
                .layer(3, 2)
                .shared(4, Sharing.EXPAND)
                .embedding(5, 2)
                .scale(2)
                .build()) {
      PositionStatistics statistics = p.positions();
      Matrix a = arena.matrix(8, 3, "a");
      Matrix C = arena.matrix(8, 2, "C");
      Positions rows = Positions.of(2, 4);
      refused(() -> p.accumulate(0, arena.matrix(6, 3, "six"), C, s), "6 rows", "4 positions");
      refused(() -> statistics.accumulate(0, a, C, Positions.of(3, 4), s), "[8][3]", "[12][3]");
      refused(() -> statistics.accumulate(1, a, C, rows, s), "layer 1 is embedding");
      refused(() -> statistics.scale(0, C, C, rows, s), "layer 0 is dense");
      refused(() -> statistics.shift(2, C, rows, s), "layer 2 is scale");
      refused(() -> statistics.embedding(1, 2, C, rows, s), "0x2");
      refused(() -> statistics.embedding(1, a.pointer(), a, rows, s), "2 columns");
      refused(() -> statistics.accumulate(3, a, C, rows, s), "layer 3");
      refused(() -> Positions.of(0, 1), "0 datapoints");
      refused(() -> Positions.of(1 << 20, 1 << 20), "fewer datapoints");
      refused(() -> rows.oneOf(0), "one of 0");
      List<Matrix> three = List.of(a, a, a);
      refused(() -> p.diagnose(three, three, three, s), "layer 1 is embedding", "Diagnosis.of");
      refused(() -> Preconditioner.on(device).gamma(1e-60), "gamma 1.0E-60 must be a positive");
      refused(() -> Preconditioner.on(device).gammaAt(6), "gammaAt(0x6)");
      refused(() -> Preconditioner.on(device).restartAt(0), "restartAt(0x0)");
      refused(() -> rows.mask(8).lengths(8), "one of them");
      refused(() -> Preconditioner.on(device).shared(2, Sharing.EXPAND), "add one first");
      refused(() -> Preconditioner.on(device).scale(3).shared(2, Sharing.REDUCE), "scale");
      refused(
          () -> Preconditioner.on(device).embedding(3, 2).shared(2, Sharing.REDUCE), "embedding");
      refused(
          () -> Preconditioner.on(device).scale(3).layout(WeightLayout.IN_OUT, Bias.NONE),
          "one layout");
      assertThatThrownBy(() -> p.refresh(s))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("no factors yet");
    }
  }

  private static void refused(ThrowableAssert.ThrowingCallable call, String... words) {
    assertThatThrownBy(call)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(words);
  }
}
