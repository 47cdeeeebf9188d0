package dev.krongauss.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krongauss.curvature.ExactSpace;
import dev.krongauss.data.Batches;
import dev.krongauss.data.Dataset;
import dev.krongauss.device.Device;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.net.Activation;
import dev.krongauss.net.Loss;
import dev.krongauss.net.Network;
import dev.krongauss.testing.TestDevice;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The exact step of a batch that is cut: the one of the whole batch, but for rounding. */
final class ChunkedExactTest {
  private static final int INPUTS = 5;
  private static final int OUTPUTS = 3;

  /** Chunks of two lengths. */
  private static final int N = 203;

  private static final double LAMBDA = 1;
  private static final double EPSILON = 0x1p-24;

  private static Network network(Device device) {
    return Network.input(INPUTS)
        .dense(7, Activation.TANH)
        .dense(OUTPUTS, Activation.IDENTITY)
        .build(device, 4);
  }

  private static Dataset data() {
    Random random = new Random(8);
    float[] x = new float[N * INPUTS];
    float[] t = new float[N * OUTPUTS];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) random.nextGaussian();
    }
    for (int i = 0; i < t.length; i++) {
      t[i] = (float) random.nextGaussian();
    }
    return Dataset.supervised("exact", x, INPUTS, t, OUTPUTS);
  }

  private record Step(StepReport report, double[] direction) {}

  private static Step step(Operations.Mode mode, Integer chunks) {
    Device device = TestDevice.get();
    ExactGaussNewton.Builder builder =
        GaussNewton.exact().lambda(LAMBDA).space(ExactSpace.PARAMETER).operations(mode);
    if (chunks != null) {
      builder.chunks(chunks);
    }
    try (Network network = network(device);
        Batches batches = Batches.of(device, data(), N, 2);
        ExactGaussNewton exact = builder.build(network, Loss.squared())) {
      StepReport report = exact.step(batches.next());
      double[] direction =
          exact.direction().stream()
              .map(each -> each.download(device.stream()))
              .flatMapToDouble(
                  each ->
                      java.util.stream.IntStream.range(0, each.length).mapToDouble(i -> each[i]))
              .toArray();
      return new Step(report, direction);
    }
  }

  /**
   * Both steps are solved to the errors that they report, relative to their own length in the norm
   * of C + μI, of which √μ ‖Δ‖ is the least and √(−⟨g, Δ⟩) that of Δ. A forward pass and a square
   * root of a row are rounded otherwise where a product has other rows: by 4 (d + 2) ε of two
   * layers in a row, which moves g by so much of ‖g‖ and Δ by 1 / μ of that at most.
   */
  @ParameterizedTest
  @EnumSource
  void isTheStepOfTheWhole(Operations.Mode mode) {
    Step whole = step(mode, null);
    Step cut = step(mode, 8);
    double difference2 = 0;
    double length2 = 0;
    for (int i = 0; i < whole.direction.length; i++) {
      difference2 += Math.pow(whole.direction[i] - cut.direction[i], 2);
      length2 += Math.pow(whole.direction[i], 2);
    }
    assertThat(whole.report.accepted()).isTrue();
    assertThat(length2).isPositive();
    double solved = whole.report.solveError() + cut.report.solveError();
    double norm = Math.sqrt(-2 * whole.report.predictedChange());
    double gradient = Math.sqrt(length2) * largestEigenvalue();
    double rounding = 4 * (INPUTS + 7 + 4) * EPSILON * gradient / LAMBDA;
    assertThat(Math.sqrt(difference2)).isLessThan(2 * solved * norm / Math.sqrt(LAMBDA) + rounding);
    assertThat(cut.report.loss()).isCloseTo(whole.report.loss(), within(whole.report.loss()));
  }

  /** tr C / 1 for squared errors, whose Hessian is I: ‖g‖ ≤ (tr C + μ) ‖Δ‖. */
  private static double largestEigenvalue() {
    double inputs = 0;
    float[] x = data().inputs();
    for (float each : x) {
      inputs += each * (double) each / N;
    }
    return OUTPUTS * (8 + (inputs + 1) * 4)
        + LAMBDA; // tanh is at most 1, the weights above below 2
  }

  private static org.assertj.core.data.Offset<Double> within(double loss) {
    return org.assertj.core.data.Offset.offset((N + 8) * EPSILON * loss);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 8})
  void updatesAreReplayed(int chunks) {
    Device device = TestDevice.get();
    try (Network network = network(device);
        Batches batches = Batches.of(device, data(), 100, 2);
        ExactGaussNewton exact =
            GaussNewton.exact().chunks(chunks).build(network, Loss.squared())) {
      double first = exact.step(batches.next()).objective();
      double last = first;
      for (int k = 0; k < 5; k++) {
        last = exact.step(batches.next()).objective();
      }
      assertThat(last).isLessThan(first);
    }
  }

  @Test
  void whatNeedsTheWholeBatchIsRefused() {
    Device device = TestDevice.get();
    try (Network network = network(device)) {
      assertThatThrownBy(
              () ->
                  GaussNewton.exact()
                      .space(ExactSpace.SAMPLE)
                      .chunks(8)
                      .build(network, Loss.squared()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("sample space", "chunks(...)", "parameter space");
      assertThatThrownBy(
              () -> GaussNewton.exact().chunks(8).memory(new int[] {5, 7, 3}, 200, Loss.squared()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("is not counted");
    }
  }
}
