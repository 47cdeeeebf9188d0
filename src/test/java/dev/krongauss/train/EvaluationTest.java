package dev.krongauss.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.krongauss.data.Batches;
import dev.krongauss.data.Dataset;
import dev.krongauss.device.Device;
import dev.krongauss.model.LossFunction;
import dev.krongauss.net.Activation;
import dev.krongauss.net.Loss;
import dev.krongauss.net.Network;
import dev.krongauss.reference.Algebra;
import dev.krongauss.reference.ReferenceLoss;
import dev.krongauss.reference.ReferenceNetwork;
import dev.krongauss.reference.ReferenceTransfer;
import dev.krongauss.testing.Compare;
import dev.krongauss.testing.Huber;
import dev.krongauss.testing.TestDevice;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Scores of a network on the device, against a reference in double. */
final class EvaluationTest {
  private static final int I = 5;
  private static final int U = 7;
  private static final int O = 3;

  /** Roundings of an output: two sums and a tanh, each with slack. */
  private static final double ROUNDINGS = 4.0 * (I + U + 20);

  private final Device device = TestDevice.get();

  static Stream<Arguments> cases() {
    return Stream.of(
            Loss.squared(), Loss.bernoulli(), Loss.softmax(), Loss.mixture(), Loss.onHost(HUBER))
        .flatMap(loss -> Stream.of(loss, Loss.weighted(loss)))
        .flatMap(
            loss ->
                Stream.of(
                    Arguments.of(loss, 1, 1L << 20),
                    Arguments.of(loss, 37, 1L << 20),
                    Arguments.of(loss, 37, 0L)));
  }

  private static final Huber HUBER = new Huber(0.5f);

  @ParameterizedTest(name = "{0}, {1} rows, {2} bytes")
  @MethodSource("cases")
  void scoresAreThoseOfTheReference(LossFunction loss, int N, long budget) {
    Dataset data = data(loss, N, 51);
    try (Network network = network();
        Evaluation evaluation = Evaluation.of(network, loss, data, budget)) {
      assertThat(evaluation.resident()).isEqualTo(budget > 0);
      Scores scores = evaluation.scores();
      assertThat(scores.datapoints()).isEqualTo(N);
      compare(scores, loss, reference(network, loss, data));
      assertThat(evaluation.scores()).as("again").isEqualTo(scores);
    }
  }

  private static void compare(Scores scores, LossFunction loss, ReferenceScores wanted) {
    int N = wanted.h().length;
    // |W| and |ā| are at most 1 here, so that no pre-activation has more terms than its inputs.
    double output = Compare.bound(1, ROUNDINGS, Math.max(I, U) + 1);
    String name = loss.name().replace("weighted ", "");
    switch (name) {
      case "squared" -> {
        assertThat(scores.rmse()).isCloseTo(wanted.rmse(), within(output));
        for (int i = 0; i < O; i++) {
          assertThat(scores.targets().get(i).rmse()).isCloseTo(wanted.rmse(i), within(output));
          if (N > 1) {
            double r2 = wanted.r2(i);
            double share = 2 * output / wanted.rmse(i) * Math.abs(1 - r2);
            assertThat(scores.targets().get(i).r2()).isCloseTo(r2, within(2 * share));
          }
        }
        objective(scores, wanted.losses(ReferenceLoss.SQUARED), wanted, output);
      }
      case "bernoulli" -> {
        objective(scores, wanted.losses(ReferenceLoss.BERNOULLI), wanted, output);
        assertThat(scores.accuracy()).isCloseTo(wanted.bitsRight(), within(1e-12));
      }
      case "softmax" -> {
        objective(scores, wanted.losses(ReferenceLoss.SOFTMAX), wanted, output);
        assertThat(scores.accuracy()).isCloseTo(wanted.classesRight(), within(1e-12));
      }
      case "mixture (outcome)" -> {
        objective(scores, wanted.mixtureLosses(), wanted, output);
        assertThat(scores.accuracy()).isCloseTo(wanted.mixtureRight(), within(1e-12));
        areaWithinMargins(scores, wanted, output);
      }
      default -> {
        assertThat(name).isEqualTo(HUBER.name());
        assertThat(scores.objective()).isPositive();
        assertThat(scores).isEqualTo(Scores.of(scores.objective(), N));
      }
    }
  }

  /** Derivatives of all these losses in an output are at most 2 + |t| here. */
  private static void objective(
      Scores scores, double losses, ReferenceScores wanted, double output) {
    double bound = 3 * O * output * Math.max(1, wanted.weights() / wanted.h().length);
    assertThat(scores.objective()).isCloseTo(losses / wanted.h().length, within(bound));
    if (!Double.isNaN(scores.logLoss())) {
      double logLoss = losses / wanted.weights();
      assertThat(scores.logLoss()).isCloseTo(logLoss, within(3 * O * output));
    }
  }

  /** Between the pairs that are surely won and those that may be. */
  private static void areaWithinMargins(Scores scores, ReferenceScores wanted, double output) {
    double most = wanted.area(wanted::mixture, 0, 3 * output);
    if (Double.isNaN(most)) {
      assertThat(scores.auc()).isNaN();
      return;
    }
    double least = 1 - wanted.area(row -> -wanted.mixture(row), 0, 3 * output);
    assertThat(scores.auc()).isBetween(least - 1e-12, most + 1e-12);
  }

  @Test
  void anAutoencoderIsScored() {
    float[] rows = new float[11 * I];
    SplittableRandom random = new SplittableRandom(3);
    for (int i = 0; i < rows.length; i++) {
      rows[i] = (float) random.nextDouble();
    }
    Dataset data = Dataset.autoencoder("rows", rows, I);
    for (long budget : new long[] {0, 1 << 20}) {
      try (Network network = Network.input(I).dense(I, Activation.IDENTITY).build(device, 1);
          Evaluation evaluation = Evaluation.of(network, Loss.squared(), data, budget)) {
        float[] identity = new float[I * (I + 1)];
        for (int i = 0; i < I; i++) {
          identity[i * (I + 1) + i] = 1;
        }
        network.setWeights(new float[][] {identity});
        assertThat(evaluation.scores().rmse()).isZero();
        assertThat(evaluation.scores().r2()).isEqualTo(1);
        identity[I] = 0.5f; // a bias of the first output
        network.setWeights(new float[][] {identity});
        assertThat(evaluation.scores().targets().get(0).rmse()).isCloseTo(0.5, within(1e-6));
      }
    }
  }

  @Test
  void whatDoesNotFitIsRefused() {
    Dataset data = data(Loss.squared(), 9, 1);
    try (Network network = network();
        Evaluation batches = Evaluation.of(network, Loss.squared())) {
      refused(
          network, Loss.squared(), Dataset.autoencoder("wide", new float[4], 4), "has 4 inputs");
      refused(network, Loss.mixture(), data, "has 3 targets and loss 'mixture (outcome)' takes 1");
      refused(network, Loss.softmax(), data, "does not fit loss softmax");
      assertThat(batches.rows()).isZero();
      assertThatThrownBy(batches::scores)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("Evaluation.of(network, loss, heldOut)");
    }
  }

  @Test
  void rowsWithoutAnyWeightAreRefused() {
    LossFunction weighted = Loss.weighted(Loss.squared());
    float[] targets = {1, 2, 3, 0, 4, 5, 6, 0};
    try (Network network = network()) {
      refused(
          network,
          weighted,
          Dataset.supervised("rows", new float[2 * I], I, targets, O + 1),
          "the weights of all 2 rows are 0");
    }
  }

  @Test
  void aClosedOneSaysSo() {
    LossFunction loss = Loss.squared();
    Dataset data = data(loss, 9, 1);
    try (Network network = network();
        Batches batches = Batches.of(device, data, 3, 1)) {
      Evaluation closed = Evaluation.of(network, loss, data);
      closed.close();
      closed.close();
      for (ThrowingCallable call :
          List.<ThrowingCallable>of(closed::scores, () -> closed.loss(batches.next()))) {
        assertThatThrownBy(call)
            .isInstanceOf(IllegalStateException.class)
            .hasMessage("the evaluation is closed; make another one");
      }
    }
  }

  private static void refused(Network network, LossFunction loss, Dataset data, String message) {
    long before = network.device().allocatedBytes();
    assertThatThrownBy(() -> Evaluation.of(network, loss, data).close())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
    assertThat(network.device().allocatedBytes()).isEqualTo(before);
  }

  @Test
  void chunksAreEven() {
    assertThat(RowScores.evenChunk(1, 4096)).isEqualTo(1);
    assertThat(RowScores.evenChunk(4096, 4096)).isEqualTo(4096);
    assertThat(RowScores.evenChunk(4097, 4096)).isEqualTo(2049);
    assertThat(RowScores.evenChunk(10, 3)).isEqualTo(3);
  }

  @Test
  void everythingIsGivenBack() {
    try (Network network = network()) {
      long before = device.allocatedBytes();
      Evaluation evaluation = Evaluation.of(network, Loss.squared(), data(Loss.squared(), 9, 1));
      evaluation.scores();
      assertThat(device.allocatedBytes()).isGreaterThan(before);
      evaluation.close();
      evaluation.close();
      assertThat(device.allocatedBytes()).isEqualTo(before);
    }
  }

  private Network network() {
    return Network.input(I)
        .dense(U, Activation.TANH)
        .dense(O, Activation.IDENTITY)
        .build(device, 7);
  }

  /** Targets that the loss takes; weights 0, 0.5, 1 and 1.5. */
  private static Dataset data(LossFunction loss, int N, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int m = loss.targets(O);
    boolean weighted = loss.name().startsWith("weighted");
    float[] inputs = new float[N * I];
    float[] targets = new float[N * m];
    for (int i = 0; i < inputs.length; i++) {
      inputs[i] = (float) random.nextDouble(-1, 1);
    }
    for (int n = 0; n < N; n++) {
      int one = random.nextInt(O);
      for (int i = 0; i < m; i++) {
        boolean bits = loss.name().contains("bernoulli") || loss.name().contains("mixture");
        boolean classes = loss.name().contains("softmax");
        float number = (float) random.nextDouble(-1, 1);
        targets[n * m + i] = classes ? (i == one ? 1 : 0) : bits ? random.nextInt(2) : number;
      }
      if (weighted) {
        targets[n * m + m - 1] = (1 + n % 4) / 2f - (N > 1 ? 0.5f : 0);
      }
    }
    return Dataset.supervised("random", inputs, I, targets, m);
  }

  private static ReferenceScores reference(Network network, LossFunction loss, Dataset data) {
    float[][] weights = network.weights();
    double[][][] W = {Algebra.matrix(weights[0], U, I + 1), Algebra.matrix(weights[1], O, U + 1)};
    ReferenceNetwork reference =
        new ReferenceNetwork(
            W, new ReferenceTransfer[] {ReferenceTransfer.TANH, ReferenceTransfer.IDENTITY});
    double[][] X = Algebra.matrix(data.inputs(), data.size(), I);
    double[][] T = Algebra.matrix(data.targets(), data.size(), data.targetWidth());
    double[] w = new double[data.size()];
    Arrays.fill(w, 1);
    if (loss.name().startsWith("weighted")) {
      Arrays.setAll(w, n -> T[n][T[n].length - 1]);
      Arrays.setAll(T, n -> Arrays.copyOf(T[n], T[n].length - 1));
    }
    double[][] h =
        Arrays.stream(X).map(x -> reference.forward(x).output()).toArray(double[][]::new);
    return new ReferenceScores(h, T, w);
  }
}
