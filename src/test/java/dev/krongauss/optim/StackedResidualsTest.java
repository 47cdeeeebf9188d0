package dev.krongauss.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.krongauss.curvature.CurvatureBlocks;
import dev.krongauss.curvature.ExactSpace;
import dev.krongauss.data.Batches;
import dev.krongauss.data.Dataset;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.model.Batch;
import dev.krongauss.model.LossFunction;
import dev.krongauss.net.Activation;
import dev.krongauss.net.Loss;
import dev.krongauss.net.Network;
import dev.krongauss.net.Residuals;
import dev.krongauss.reference.Algebra;
import dev.krongauss.reference.ReferenceNetwork;
import dev.krongauss.reference.ReferenceTransfer;
import dev.krongauss.testing.DeviceBatch;
import dev.krongauss.testing.Problem;
import dev.krongauss.testing.Stacks;
import dev.krongauss.testing.TestDevice;
import dev.krongauss.train.Evaluation;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Residuals of several rows of a batch. */
final class StackedResidualsTest {
  private static final double LAMBDA = 1e-2;
  private static final double ETA = 1e-3;
  private static final Residuals COUPLED = Residuals.of(new Stacks.Coupled());
  private static final Residuals APART = Residuals.of(new Stacks.Apart());

  /** Against a dense solve in double; robust and weighted, too. */
  @ParameterizedTest(name = "{0} rows, {1} datapoints, {2}")
  @CsvSource({"2, 7, KERNELS", "3, 5, KERNELS", "5, 40, KERNELS", "3, 5, AUTO", "1, 9, AUTO"})
  void theExactStepIsThatOfADenseSolve(int m, int datapoints, Operations.Mode mode) {
    SplittableRandom random = new SplittableRandom(3);
    double[][] X = Problem.random(m * datapoints, 3, random);
    double[][] T = Problem.random(m * datapoints, 2, random);
    LossFunction loss = Loss.residuals(COUPLED.weight(0.5).softL1(2).stacked(m));
    try (Network network = network(mode, 2);
        DeviceBatch batch = DeviceBatch.of(TestDevice.get(), X, T);
        ExactGaussNewton optimizer =
            GaussNewton.exact().lambda(LAMBDA).l2(ETA).operations(mode).build(network, loss)) {
      DenseStep dense = DenseStep.of(network, reference(network, 2), loss, X, batch, ETA);
      double before = objective(network, batch, loss);
      StepReport report = optimizer.step(batch);
      int path = 2 * 10 + 60 + m * datapoints;
      ExactStepTest.assertRight(dense, optimizer, report, LAMBDA + ETA, path);
      assertThat(report.loss()).isCloseTo(before, within(path * 0x1p-24 * before));
    }
  }

  private static double objective(Network network, Batch batch, LossFunction loss) {
    try (Evaluation evaluation = Evaluation.of(network, loss)) {
      return evaluation.loss(batch);
    }
  }

  /** E of the datapoints is that of Residuals.objectives, which knows nothing of the device. */
  @Test
  void theObjectiveIsTheMeanOverTheDatapoints() {
    Device device = TestDevice.get();
    Residuals residuals = Residuals.groups(COUPLED.stacked(3), APART.cauchy(1).stacked(3));
    SplittableRandom random = new SplittableRandom(4);
    double[][] X = Problem.random(12, 3, random);
    double[][] T = Problem.random(12, 2, random);
    try (Network network = network(Operations.Mode.AUTO, 2);
        DeviceBatch batch = DeviceBatch.of(device, X, T)) {
      float[] h = network.predict(DeviceBatch.compact(X), 12);
      float[] t = DeviceBatch.compact(T);
      residuals.check(h, t, 4);
      double wanted = Arrays.stream(residuals.objectives(h, t, 4)).sum();
      double got = objective(network, batch, Loss.residuals(residuals));
      assertThat(got).isCloseTo(wanted, within(64 * 0x1p-24 * wanted));
    }
  }

  /**
   * Rows that do not touch each other: m times the objective, gradient and curvature of single
   * rows, so the same step with m times the damping. Both have the errors of their solves.
   */
  @ParameterizedTest
  @EnumSource(
      value = Operations.Mode.class,
      names = {"KERNELS", "AUTO"})
  void rowsApartStepAsSingleOnes(Operations.Mode mode) {
    SplittableRandom random = new SplittableRandom(5);
    double[][] X = Problem.random(24, 3, random);
    double[][] T = Problem.random(24, 2, random);
    int m = 4;
    try (Network one = network(mode, 2);
        Network other = network(mode, 2);
        DeviceBatch batch = DeviceBatch.of(TestDevice.get(), X, T);
        ExactGaussNewton plain =
            GaussNewton.exact()
                .space(ExactSpace.PARAMETER)
                .lambda(LAMBDA)
                .operations(mode)
                .build(one, Loss.squared());
        ExactGaussNewton stacked =
            GaussNewton.exact()
                .lambda(m * LAMBDA)
                .operations(mode)
                .build(other, Loss.residuals(APART.stacked(m)))) {
      StepReport first = plain.step(batch);
      StepReport second = stacked.step(batch);
      assertThat(second.loss()).isCloseTo(m * first.loss(), within(1e-5 * first.loss()));
      double[] wanted = DenseStep.flat(plain.direction());
      double[] got = DenseStep.flat(stacked.direction());
      double size = Arrays.stream(wanted).map(Math::abs).max().orElseThrow();
      assertThat(got).containsExactly(wanted, within(1e-4 * size));
      double[] variances = plain.covariance(batch).variances();
      assertThat(stacked.covariance(batch).variances())
          .usingComparatorWithPrecision(1e-3 * Arrays.stream(variances).max().orElseThrow())
          .containsExactly(variances);
    }
  }

  /** A datapoint of one row is a row. */
  @Test
  void aStackOfOneIsNone() {
    assertThat(Loss.residuals(COUPLED.stacked(3).stacked(1)).stack()).isEqualTo(1);
    assertThat(COUPLED.stacked(1)).hasToString(COUPLED.toString());
    assertThat(Loss.residuals(COUPLED.stacked(3)).name()).contains("coupled", "3 rows a datapoint");
  }

  /** The first-order optimisers descend along the same objective. */
  @Test
  void adamLowersTheObjective() {
    SplittableRandom random = new SplittableRandom(6);
    LossFunction loss = Loss.residuals(COUPLED.stacked(3));
    try (Network network = network(Operations.Mode.AUTO, 2);
        DeviceBatch batch =
            DeviceBatch.of(
                TestDevice.get(), Problem.random(18, 3, random), Problem.random(18, 2, random));
        Optimizer adam = Adam.builder().learningRate(0.01).build(network, loss)) {
      double first = adam.step(batch).loss();
      StepReport report = adam.step(batch);
      for (int k = 0; k < 60; k++) {
        report = adam.step(batch);
      }
      assertThat(report.loss()).isLessThan(first / 2);
    }
  }

  /** The gradient's slope along a direction is that of the objective, by central differences. */
  @Test
  void theGradientIsThatOfTheObjective() {
    SplittableRandom random = new SplittableRandom(8);
    LossFunction loss = Loss.residuals(COUPLED.stacked(3));
    try (Network network = network(Operations.Mode.AUTO, 2);
        DeviceBatch batch =
            DeviceBatch.of(
                TestDevice.get(), Problem.random(18, 3, random), Problem.random(18, 2, random));
        Optimizer sgd = Sgd.builder().learningRate(1).build(network, loss)) {
      float[][] W = network.weights();
      sgd.step(batch);
      float[][] moved = network.weights(); // W - g
      float[][] up = new float[W.length][];
      float[][] down = new float[W.length][];
      double slope = 0;
      double step = 1.0 / 256;
      for (int l = 0; l < W.length; l++) {
        up[l] = W[l].clone();
        down[l] = W[l].clone();
        for (int i = 0; i < W[l].length; i++) {
          double g = (double) W[l][i] - moved[l][i];
          double d = random.nextInt(2) * 2 - 1;
          slope += d * g;
          up[l][i] += (float) (step * d);
          down[l][i] -= (float) (step * d);
        }
      }
      network.setWeights(up);
      double above = objective(network, batch, loss);
      network.setWeights(down);
      double below = objective(network, batch, loss);
      // third derivatives times step², and the rounding of the objectives over the step
      assertThat(slope).isCloseTo((above - below) / (2 * step), within(5e-3 * Math.abs(slope)));
    }
  }

  @Test
  void batchesKeepTheRowsOfADatapointTogether() {
    Dataset data = stacks(21);
    LossFunction loss = Loss.residuals(APART.stacked(3));
    Stream stream = TestDevice.get().stream();
    try (Batches batches = Batches.ofStacks(TestDevice.get(), data, 3, 9, 7)) {
      assertThat(batches.batchesPerEpoch()).isEqualTo(2);
      boolean permuted = false;
      for (int b = 0; b < 4; b++) {
        Batch batch = batches.next();
        batch.checkTargets(loss);
        float[] rows = batch.targets().download(stream);
        for (int n = 0; n < rows.length; n++) {
          assertThat(rows[n]).isEqualTo(rows[n - n % 3] + n % 3);
          assertThat(rows[n - n % 3] % 3).isZero();
          permuted |= rows[n] != n;
        }
      }
      assertThat(permuted).isTrue();
    }
    try (Batches single = Batches.of(TestDevice.get(), data, 9, 7)) {
      assertThatThrownBy(() -> single.next().checkTargets(loss))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("couples 3 rows")
          .hasMessageContaining("ofStacks(device, data, 3");
    }
    assertThatThrownBy(() -> Batches.ofStacks(TestDevice.get(), data, 3, 8, 7))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("batches of 8 rows", "21 rows", "datapoints of 3");
  }

  private static Dataset stacks(int rows) {
    float[] numbers = new float[rows];
    for (int n = 0; n < rows; n++) {
      numbers[n] = n;
    }
    return Dataset.supervised("stacks", numbers, 1, numbers.clone(), 1);
  }

  /** What takes single rows says so before anything runs. */
  @Test
  void whatTakesSingleRowsRefuses() {
    Device device = TestDevice.get();
    LossFunction loss = Loss.residuals(APART.stacked(3));
    SplittableRandom random = new SplittableRandom(9);
    try (Network network = network(Operations.Mode.AUTO, 2);
        DeviceBatch batch =
            DeviceBatch.of(device, Problem.random(7, 3, random), Problem.random(7, 2, random));
        DeviceBatch whole =
            DeviceBatch.of(device, Problem.random(6, 3, random), Problem.random(6, 2, random))) {
      refused(() -> GaussNewton.kflr().build(network, loss), "couples 3 rows");
      refused(() -> GaussNewton.kfra().build(network, loss), "exact()");
      refused(() -> GaussNewton.auto().decay(0).build(network, loss), "exact() has no decay");
      refused(
          () -> GaussNewton.exact().space(ExactSpace.SAMPLE).build(network, loss), "sample space");
      refused(() -> Loss.weighted(loss), "column of weights");
      refused(
          () ->
              Evaluation.of(
                  network, loss, Dataset.supervised("d", new float[9], 3, new float[6], 2)),
          "evaluation of a data set");
      Matrix h = network.forward(whole, device.stream());
      refused(
          () -> new CurvatureBlocks(network, loss, h, whole.targets(), device.stream()), "a block");
      try (Optimizer optimizer = GaussNewton.exact().build(network, loss)) {
        refused(() -> optimizer.step(batch), "7 rows");
      }
      refused(() -> Residuals.groups(APART.stacked(2), COUPLED), "of 2 rows");
      refused(() -> APART.stacked(0), "0 rows");
    }
  }

  private static void refused(Supplier<?> call, String what) {
    assertThatThrownBy(call::get)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(what);
  }

  private static Network network(Operations.Mode mode, int outputs) {
    return Network.input(3)
        .operations(mode)
        .dense(5, Activation.TANH)
        .dense(outputs, Activation.IDENTITY)
        .build(TestDevice.get(), 5);
  }

  private static ReferenceNetwork reference(Network network, int outputs) {
    float[][] W = network.weights();
    return new ReferenceNetwork(
        new double[][][] {Algebra.matrix(W[0], 5, 4), Algebra.matrix(W[1], outputs, 6)},
        new ReferenceTransfer[] {ReferenceTransfer.TANH, ReferenceTransfer.IDENTITY});
  }
}
