package dev.krongauss.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krongauss.data.Batches;
import dev.krongauss.data.Dataset;
import dev.krongauss.device.Device;
import dev.krongauss.model.LossFunction;
import dev.krongauss.net.Loss;
import dev.krongauss.net.Loss.Split;
import dev.krongauss.net.Network;
import dev.krongauss.testing.DeviceBatch;
import dev.krongauss.testing.Gaussian;
import dev.krongauss.testing.HostMixture;
import dev.krongauss.testing.TestDevice;
import java.util.Arrays;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Targets that a loss cannot take are an error with row and value, before anything runs. */
final class TargetsTest {
  private static final int ROWS = 6;
  private final Device device = TestDevice.get();

  static Stream<Arguments> wrong() {
    float nan = Float.NaN;
    return Stream.of(
        wrong(Loss.softmax(), 3, row(0.5f, 0.25f, 0.5f), "row 4 sum to 1.25", "Loss.bernoulli()"),
        wrong(Loss.softmax(), 3, row(0, 0, 0.99998f), "row 4 sum to 0.99998", "divide each row"),
        wrong(Loss.softmax(), 3, row(-0.5f, 1, 0.5f), "row 4, column 0 is -0.5", "[0, 1]"),
        wrong(Loss.bernoulli(), 3, row(0, 1, 255), "row 4, column 2 is 255.0", "scale them"),
        wrong(Loss.mixture(), 3, row(0.5f), "row 4, column 0 is 0.5", "0 and 1 alone"),
        wrong(Loss.squared(), 3, row(0, nan, 0), "row 4, column 1 is NaN", "finite number"),
        wrong(Loss.weighted(Loss.squared()), 2, row(0, 0, -1), "weight in row 4", "is -1.0"),
        wrong(Loss.weighted(Loss.mixture()), 3, row(2, 1), "row 4, column 0 is 2.0", "alone"),
        wrong(Loss.onHost(new HostMixture(Split.LOGIT)), 3, row(3), "row 4: 3.0 is neither", "1"),
        wrong(
            Gaussian.settings().checkTarget(TargetsTest::positive).ptx(ptx()),
            2,
            row(-2),
            "row 4: -2.0 is not positive",
            ""));
  }

  private static Arguments wrong(
      LossFunction loss, int outputs, float[] row, String what, String wayOut) {
    return Arguments.of(loss, outputs, row, what, wayOut);
  }

  @ParameterizedTest(name = "{0} {3}")
  @MethodSource("wrong")
  void wrongTargetsAreAnError(
      LossFunction loss, int outputs, float[] bad, String what, String wayOut) {
    float[] targets = targets(bad);
    assertThatThrownBy(() -> loss.checkTargets(targets, bad.length))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(what)
        .hasMessageContaining(wayOut);
    try (DeviceBatch batch =
        DeviceBatch.of(device, new double[ROWS][Runs.INPUTS], rows(targets, bad.length))) {
      assertThatThrownBy(() -> loss.check(batch, device.stream()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(what);
    }
    if (what.contains("NaN")) {
      return; // a data set refuses it by itself, whatever the loss
    }
    Dataset data =
        Dataset.supervised("rows", new float[ROWS * Runs.INPUTS], Runs.INPUTS, targets, bad.length);
    for (Function<Network, Optimizer> method : methods(loss)) {
      try (Network network = Runs.network(outputs);
          Optimizer optimizer = method.apply(network);
          Batches batches = Batches.of(device, data, 2, 1)) {
        float[][] before = network.weights();
        assertThatThrownBy(() -> optimizer.step(batches.next()))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("data set rows does not fit loss " + loss.name())
            .hasMessageContaining(what)
            .hasMessageContaining(wayOut);
        assertThat(network.weights()).isDeepEqualTo(before);
      }
    }
  }

  @Test
  void roundingOfProbabilitiesIsAllowed() {
    float third = 1f / 3;
    LossFunction softmax = Loss.softmax();
    assertThatCode(
            () -> softmax.checkTargets(new float[] {third, third, third, 0, 0, 1.0f - 9e-6f}, 3))
        .doesNotThrowAnyException();
  }

  /** A second look costs nothing, and another loss looks anew. */
  @Test
  void aDataSetIsCheckedOnceForALoss() {
    int[] looks = new int[1];
    LossFunction counting = Gaussian.settings().checkTarget(t -> looks[0]++).ptx(ptx());
    Dataset data =
        Dataset.supervised("rows", new float[ROWS * Runs.INPUTS], Runs.INPUTS, new float[ROWS], 1);
    try (Network network = Runs.network(2);
        Optimizer optimizer = Adam.builder().build(network, counting);
        Batches batches = Batches.of(device, data, 2, 1)) {
      for (int k = 0; k < 4; k++) {
        optimizer.step(batches.next());
      }
      assertThat(looks[0]).isEqualTo(ROWS);
      data.checkTargets(Loss.squared());
      data.checkTargets(counting);
      assertThat(looks[0]).isEqualTo(ROWS);
    }
  }

  /** In device memory nothing is checked, and NaN comes out: the update is rejected. */
  @ParameterizedTest
  @MethodSource("unseen")
  void unseenTargetsAreRejectedByTheirLoss(LossFunction loss, int outputs, float[] bad) {
    double[][] T = rows(targets(bad), bad.length);
    try (Network network = Runs.network(outputs);
        DeviceBatch batch = DeviceBatch.of(device, new double[ROWS][Runs.INPUTS], T);
        Optimizer optimizer = GaussNewton.kfra().build(network, loss)) {
      float[][] before = network.weights();
      assertThat(optimizer.step(batch).accepted()).isFalse();
      assertThat(network.weights()).isDeepEqualTo(before);
    }
  }

  static Stream<Arguments> unseen() {
    return Stream.of(
        Arguments.of(Loss.mixture(), 3, row(0.5f)),
        Arguments.of(Loss.weighted(Loss.squared()), 2, row(0, 0, -1)));
  }

  @Test
  void theShapeIsThatOfTheLoss() {
    try (Network network = Runs.network(3);
        DeviceBatch batch =
            DeviceBatch.of(device, new double[ROWS][Runs.INPUTS], new double[ROWS][3]);
        Optimizer optimizer = GaussNewton.kfra().build(network, Loss.mixture())) {
      assertThatThrownBy(() -> optimizer.step(batch))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("the batch's targets are [6][3]")
          .hasMessageContaining("loss 'mixture (outcome)' needs [6][1]");
    }
  }

  private static Stream<Function<Network, Optimizer>> stream(LossFunction loss) {
    return Stream.of(
        network -> Adam.builder().build(network, loss),
        network -> GaussNewton.kfra().build(network, loss));
  }

  private static Iterable<Function<Network, Optimizer>> methods(LossFunction loss) {
    return stream(loss).toList();
  }

  private static String ptx() {
    return Gaussian.text("gaussian.ptx");
  }

  private static void positive(float[] t) {
    if (!(t[0] > 0)) {
      throw new IllegalArgumentException(t[0] + " is not positive");
    }
  }

  private static float[] row(float... values) {
    return values;
  }

  /** Rows that every loss takes, and a bad one. */
  private static float[] targets(float[] bad) {
    float[] targets = new float[ROWS * bad.length];
    Arrays.fill(targets, 0);
    for (int n = 0; n < ROWS; n++) {
      targets[n * bad.length] = 1;
    }
    System.arraycopy(bad, 0, targets, 4 * bad.length, bad.length);
    return targets;
  }

  private static double[][] rows(float[] values, int columns) {
    double[][] rows = new double[values.length / columns][columns];
    for (int i = 0; i < values.length; i++) {
      rows[i / columns][i % columns] = values[i];
    }
    return rows;
  }
}
