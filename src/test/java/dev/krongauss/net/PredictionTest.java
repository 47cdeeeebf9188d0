package dev.krongauss.net;

import static dev.krongauss.testing.Compare.bound;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krongauss.device.Device;
import dev.krongauss.device.Graph;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.testing.Compare;
import dev.krongauss.testing.DeviceBatch;
import dev.krongauss.testing.Problem;
import dev.krongauss.testing.Setups;
import dev.krongauss.testing.TestDevice;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Predictions of one thread: their values, their chunks, and what they refuse. */
final class PredictionTest {
  /** Wide enough for a chunk of few rows. */
  private static final int WIDE = 12_000;

  private final Device device = TestDevice.get();

  static java.util.stream.Stream<Arguments> cases() {
    return Setups.inModes(Setups.all());
  }

  /** The bound of {@link NetworkTest}: the same sums, in whatever order. */
  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("cases")
  void outputsMatchTheReference(Problem.Setup setup, Operations.Mode mode) {
    try (Problem problem = setup.open(mode);
        Predictor predictor = problem.network().predictor()) {
      double[][] wanted = new double[setup.datapoints()][];
      for (int n = 0; n < wanted.length; n++) {
        wanted[n] = problem.reference().forward(problem.X()[n]).output();
      }
      double bound = bound(1, setup.path(), problem.forwardScale(problem.reference()));
      float[] got = problem.network().predict(flat(problem.X()), wanted.length);
      Compare.matrix("outputs", setup.seed(), wanted, got, bound);
      Matrix h = predictor.forward(problem.batch().inputs());
      assertThat(h.download(predictor.stream())).as("rows on the device").isEqualTo(got);
      // Twice the bound: both differ from the reference by as much.
      float[] forward =
          problem.network().forward(problem.batch(), device.stream()).download(device.stream());
      Compare.matrix(
          "of training", setup.seed(), rows(forward, got.length / wanted.length), got, 2 * bound);
    }
  }

  /** Each chunk is what it is by itself, whatever stands before it. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, -1, 2, -2, 3})
  void chunksAreIndependent(int border) {
    try (Network net = wide();
        Predictor predictor = net.predictor()) {
      int chunk = predictor.chunk();
      assertThat(chunk).as("rows of a chunk").isBetween(32, 256);
      int n =
          switch (border) {
            case 0 -> 0;
            case 1 -> chunk;
            case -1 -> chunk - 1;
            case 2 -> chunk + 1;
            case -2 -> 3 * chunk;
            default -> 3 * chunk + 7;
          };
      float[] rows = random(n * 3, 5);
      float[] all = net.predict(rows, n);
      assertThat(all).hasSize(2 * n);
      for (int first = 0; first < n; first += chunk) {
        int count = Math.min(chunk, n - first);
        float[] some = Arrays.copyOfRange(rows, 3 * first, 3 * (first + count));
        assertThat(predictor.predict(some, count))
            .as("rows from %d", first)
            .isEqualTo(Arrays.copyOfRange(all, 2 * first, 2 * (first + count)));
      }
    }
  }

  @Test
  void theSameRowsGiveTheSameBits() {
    try (Network net = wide()) {
      int n = 700;
      float[] rows = random(n * 3, 6);
      float[] once = net.predict(rows, n);
      float[] longer = new float[2 * n + 5];
      net.predict(rows, n, longer);
      assertThat(Arrays.copyOf(longer, 2 * n)).isEqualTo(once);
      assertThat(Arrays.copyOfRange(longer, 2 * n, longer.length)).containsOnly(0);
    }
  }

  /** Few rows take little memory, and a longer call after it is as one of a fresh predictor. */
  @Test
  void memoryGrowsWithTheRows() {
    try (Network net = wide();
        Predictor predictor = net.predictor()) {
      long before = device.usage().deviceBytes();
      float[] one = predictor.predict(random(3, 7), 1);
      long few = device.usage().deviceBytes() - before;
      int n = 2 * predictor.chunk() + 1;
      float[] rows = random(3 * n, 8);
      float[] many = predictor.predict(rows, n);
      assertThat(device.usage().deviceBytes() - before).isGreaterThan(few);
      assertThat(net.predict(rows, n)).isEqualTo(many);
      assertThat(predictor.predict(random(3, 7), 1)).isEqualTo(one);
    }
  }

  @Test
  void closingTheNetworkFreesAll() {
    long held = device.usage().deviceBytes();
    long pinned = device.usage().pinnedBytes();
    Network net = wide();
    Predictor predictor = net.predictor();
    net.predict(random(3, 1), 1);
    predictor.predict(random(6, 1), 2);
    net.close();
    assertThat(device.usage().deviceBytes()).isEqualTo(held);
    assertThat(device.usage().pinnedBytes()).isEqualTo(pinned);
    predictor.close(); // once more does nothing
    assertThatThrownBy(() -> net.predict(new float[3], 1))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("the network is closed; build another one");
    assertThatThrownBy(() -> predictor.predict(new float[3], 1))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("the network is closed; build another one");
    assertThatThrownBy(net::predictor).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void whatDoesNotFitIsRefused() {
    try (Network net = wide()) {
      assertThatThrownBy(() -> net.predict(new float[5], 2))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "2 rows of 3 inputs are 6 values, and the array has 5; give rows [n][3], compact");
      assertThatThrownBy(() -> net.predict(new float[6], 2, new float[3]))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("2 rows of 2 outputs are 4 values, and the array for them has 3");
      assertThatThrownBy(() -> net.predict(new float[6], -1))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("a prediction of -1 rows; give 0 or more");
      assertThatThrownBy(() -> net.predict(null, 1))
          .isInstanceOf(NullPointerException.class)
          .hasMessage("rows; give an array [n][d_0]");
      Predictor closed = net.predictor();
      closed.close();
      assertThatThrownBy(() -> closed.predict(new float[3], 1))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("the predictor is closed; take another one of its network");
    }
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
  void valuesThatAreNotFiniteAreNamed(float value) {
    try (Network net = wide()) {
      float[] rows = random(12, 9);
      rows[7] = value;
      float[] results = new float[8];
      assertThatThrownBy(() -> net.predict(rows, 4, results))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("input 1 of row 2 is " + value + "; every value must be");
      assertThat(results).containsOnly(0);
      assertThat(net.predict(rows, 2)).as("rows before it").hasSize(4);
      rows[7] = Float.MAX_VALUE;
      net.predict(rows, 4); // is finite
    }
  }

  @Test
  void aCaptureOfTheDevicesStreamIsNotDisturbed() {
    try (Problem problem = Setups.all().get(3).open(null);
        Network net = wide()) {
      Stream s = device.stream();
      problem.network().reserve(problem.batch().size(), s);
      Graph graph =
          s.capture(
              () -> {
                problem.network().forward(problem.batch(), s);
                assertThatThrownBy(() -> net.predict(random(3, 1), 1))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("within a capture of the device's stream");
              });
      graph.launch(s);
      s.synchronize();
      graph.close();
      assertThat(net.predict(random(3, 1), 1)).hasSize(2);
    }
  }

  /** A batch of another layout, of which a predictor reads its columns alone. */
  @Test
  void rowsOnTheDeviceMayLieAsTheyWant() {
    try (Problem problem = Setups.all().get(4).open(null);
        DeviceBatch foreign = DeviceBatch.foreign(device, problem.X(), problem.T());
        Predictor predictor = problem.network().predictor()) {
      float[] wanted = predictor.forward(problem.batch().inputs()).download(predictor.stream());
      double[][] exact = rows(wanted, problem.T()[0].length);
      float[] got = predictor.forward(foreign.inputs()).download(predictor.stream());
      Problem.Setup setup = problem.setup();
      double bound = bound(2, setup.path(), problem.forwardScale(problem.reference()));
      Compare.matrix("foreign rows", setup.seed(), exact, got, bound);
      assertThatThrownBy(() -> predictor.forward(problem.batch().targets()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("a predictor of this network takes [n][7] with n up to");
    }
  }

  private Network wide() {
    return Network.input(3)
        .dense(WIDE, Activation.TANH)
        .dense(2, Activation.IDENTITY)
        .build(device, 4);
  }

  private static float[] random(int count, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) (2 * random.nextDouble() - 1);
    }
    return values;
  }

  private static float[] flat(double[][] rows) {
    float[] values = new float[rows.length * rows[0].length];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) rows[i / rows[0].length][i % rows[0].length];
    }
    return values;
  }

  private static double[][] rows(float[] values, int columns) {
    double[][] rows = new double[values.length / columns][columns];
    for (int i = 0; i < values.length; i++) {
      rows[i / columns][i % columns] = values[i];
    }
    return rows;
  }
}
