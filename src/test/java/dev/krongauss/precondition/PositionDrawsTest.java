package dev.krongauss.precondition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Percentage.withPercentage;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Device;
import dev.krongauss.device.Graph;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.io.Checkpoint;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.testing.DeviceBatch;
import dev.krongauss.testing.Problem;
import dev.krongauss.testing.TestDevice;
import java.nio.file.Path;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A part of the rows stands for all: without bias, anew for each batch, and repeatable. */
final class PositionDrawsTest {
  private static final long SEED = 41;
  private static final int N = 7;
  private static final int T = 5;
  private static final int ROWS = 3; // of the embedding
  private static final int I = 3;
  private static final int O = 2;

  @TempDir private Path folder;

  private final Device device = TestDevice.get();

  /** A dense layer, an embedding and a scale with a shift, and batches for them. */
  private final class Layers implements AutoCloseable {
    final Arena arena = device.newArena("draws");
    final Preconditioner p;
    final Positions positions;
    final Matrix a;
    final Matrix C;
    final Buffer indices;

    Layers(Operations.Mode mode, Sharing sharing, int oneOf, double decay) {
      SplittableRandom own = new SplittableRandom(SEED);
      p =
          Preconditioner.on(device)
              .layer(I, O)
              .shared(T, sharing)
              .embedding(ROWS, O)
              .scaleAndShift(O)
              .decay(decay)
              .operations(mode)
              .build();
      PositionBatch batch = new PositionBatch(arena, device, N, T, PositionBatch.Padding.MASK, own);
      positions = batch.positions.oneOf(oneOf);
      a = DeviceBatch.foreign(arena, device, Problem.random(N * T, I, own));
      C = DeviceBatch.foreign(arena, device, Problem.random(N * T, O, own));
      indices = arena.ints(N * T, "indices");
      int[] index = new int[N * T];
      for (int row = 0; row < index.length; row++) {
        index[row] = row * row % ROWS;
      }
      indices.uploadInts(index, device.stream());
    }

    void accumulate(Stream s) {
      p.positions().accumulate(0, a, C, positions, s);
      p.positions().embedding(1, indices.pointer(), C, positions, s);
      p.positions().scale(2, C, C, positions, s);
    }

    /** Lower triangles and diagonals of all factors. */
    float[] factors(Stream s) {
      float[][] all = new float[6][];
      int count = 0;
      for (int k = 0; k < 6; k++) {
        Matrix m = k % 2 == 0 ? p.factors().Q(k / 2) : p.factors().G(k / 2);
        float[] values = m.download(s);
        for (int i = 0; i < m.rows() && m.rows() == m.columns(); i++) {
          for (int j = i + 1; j < m.columns(); j++) {
            values[i * m.columns() + j] = 0;
          }
        }
        all[k] = values;
        count += values.length;
      }
      float[] flat = new float[count];
      int at = 0;
      for (float[] values : all) {
        System.arraycopy(values, 0, flat, at, values.length);
        at += values.length;
      }
      return flat;
    }

    @Override
    public void close() {
      p.close();
      arena.close();
    }
  }

  /**
   * The mean of many drawn batches is within five standard errors of the whole batch's factors, and
   * each single one is not: the standard error is that of the draws themselves.
   */
  @ParameterizedTest
  @CsvSource({"EXPAND, 4", "EXPAND, 3", "REDUCE, 3"})
  void theExpectationIsThatOfAllRows(Sharing sharing, int oneOf) {
    int batches = 400;
    Operations.Mode mode = Problem.modes().get(0);
    try (Layers whole = new Layers(mode, sharing, 1, 0);
        Layers drawn = new Layers(mode, sharing, oneOf, 0)) {
      Stream s = device.stream();
      whole.accumulate(s);
      float[] wanted = whole.factors(s);
      double[] sum = new double[wanted.length];
      double[] squares = new double[wanted.length];
      for (int b = 0; b < batches; b++) {
        drawn.accumulate(s);
        float[] got = drawn.factors(s);
        for (int i = 0; i < got.length; i++) {
          sum[i] += got[i];
          squares[i] += (double) got[i] * got[i];
        }
      }
      int varying = 0;
      for (int i = 0; i < wanted.length; i++) {
        double mean = sum[i] / batches;
        double variance = Math.max(0, squares[i] / batches - mean * mean);
        varying += variance > 1e-8 ? 1 : 0;
        double error = 5 * Math.sqrt(variance / batches) + 1e-5;
        assertThat(mean).as("element %d", i).isBetween(wanted[i] - error, wanted[i] + error);
      }
      assertThat(varying).as("elements that the draws change").isGreaterThan(15);
    }
  }

  @ParameterizedTest
  @MethodSource("dev.krongauss.testing.Setups#modes")
  void launchesOfAGraphDrawAsCallsDo(Operations.Mode mode) {
    try (Layers calls = new Layers(mode, Sharing.EXPAND, 4, 0.9);
        Layers launches = new Layers(mode, Sharing.EXPAND, 4, 0.9);
        Stream s = device.newStream()) {
      Graph graph = s.capture(() -> launches.accumulate(s));
      float[] before = null;
      for (int b = 0; b < 4; b++) {
        calls.accumulate(s);
        graph.launch(s);
        float[] got = launches.factors(s);
        assertThat(got).isEqualTo(calls.factors(s)).isNotEqualTo(before);
        before = got;
      }
    }
  }

  @ParameterizedTest
  @MethodSource("dev.krongauss.testing.Setups#modes")
  void aResumedTrainingDrawsTheSame(Operations.Mode mode) throws Exception {
    Path file = folder.resolve("draws-" + mode + ".safetensors");
    try (Layers whole = new Layers(mode, Sharing.EXPAND, 4, 0.9);
        Layers resumed = new Layers(mode, Sharing.EXPAND, 4, 0.9)) {
      Stream s = device.stream();
      for (int b = 0; b < 3; b++) {
        whole.accumulate(s);
      }
      Checkpoint.save(file, s, Map.of("p", whole.p));
      Checkpoint.load(file, s, Map.of("p", resumed.p));
      for (int b = 0; b < 2; b++) {
        whole.accumulate(s);
        resumed.accumulate(s);
      }
      assertThat(resumed.factors(s)).isEqualTo(whole.factors(s));
    }
  }

  /** Which rows are drawn does not hang on who sums them, also over the chunks of a batch. */
  @ParameterizedTest
  @CsvSource({"EXPAND", "REDUCE"})
  void bothModesDrawTheSame(Sharing sharing) {
    int datapoints = 3000;
    float[][] both = new float[2][];
    for (int m = 0; m < 2; m++) {
      SplittableRandom own = new SplittableRandom(SEED);
      try (Arena arena = device.newArena("both");
          Preconditioner p =
              Preconditioner.on(device)
                  .layer(I, O)
                  .shared(2, sharing)
                  .operations(Problem.modes().get(m))
                  .build()) {
        Matrix a = DeviceBatch.foreign(arena, device, Problem.random(2 * datapoints, I, own));
        Matrix C = DeviceBatch.foreign(arena, device, Problem.random(2 * datapoints, O, own));
        Stream s = device.stream();
        for (int b = 0; b < 2; b++) {
          p.positions().accumulate(0, a, C, Positions.of(datapoints, 2).oneOf(2), s);
        }
        both[m] = new float[] {p.factors().Q(0).download(s)[0], p.factors().G(0).download(s)[0]};
      }
    }
    for (int k = 0; k < 2; k++) { // sums of 1500 terms of some 0.3, in another order
      assertThat(both[1][k]).isCloseTo(both[0][k], withPercentage(0.002));
    }
  }
}
