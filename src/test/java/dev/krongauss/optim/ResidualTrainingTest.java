package dev.krongauss.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.krongauss.curvature.Method;
import dev.krongauss.device.Device;
import dev.krongauss.model.LossFunction;
import dev.krongauss.net.Activation;
import dev.krongauss.net.CudaResiduals;
import dev.krongauss.net.Loss;
import dev.krongauss.net.Network;
import dev.krongauss.net.Residuals;
import dev.krongauss.testing.Bent;
import dev.krongauss.testing.DeviceBatch;
import dev.krongauss.testing.Nvcc;
import dev.krongauss.testing.Problem;
import dev.krongauss.testing.TestDevice;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Training with residuals of one's own. */
final class ResidualTrainingTest {
  private static final double[][] X = {{-2}, {-1}, {0}, {1}, {2}, {3}};
  private static final double[][] Y = {{-4}, {-2.2}, {0.1}, {2}, {40}, {6.3}};
  private static final Residuals LINE = Residuals.of(new Bent.Difference());

  /** Slope, intercept and cost of {@code least_squares} of SciPy 1.17.1 with f_scale 0.5. */
  static Stream<Arguments> scipy() {
    return Stream.of(
        Arguments.of(LINE, 5.142857105444979, 4.461904780610844, 452.4380952380953),
        Arguments.of(LINE.huber(0.5), 2.1324324350867143, 0.11351351302319147, 17.766216216216215),
        Arguments.of(LINE.softL1(0.5), 2.138569106834038, 0.12398230521456786, 17.63919598318926),
        Arguments.of(LINE.cauchy(0.5), 2.0723262314341375, 0.02894432233232367, 1.095181566846173),
        Arguments.of(
            LINE.arctan(0.5), 2.0715675093687933, 0.025912550108375357, 0.22432028341060323));
  }

  /**
   * The same optimum as SciPy's. The objective in float has 6 roundings of its value, about 2⁻²¹ of
   * it; near the optimum that hides a distance of √(2 · 2⁻²¹ cost / curvature) of the weights, the
   * curvature's least eigenvalue being above 1 in sum.
   */
  @ParameterizedTest(name = "{0}")
  @MethodSource("scipy")
  void linesAreThoseOfScipy(Residuals residuals, double slope, double intercept, double cost) {
    Device device = TestDevice.get();
    LossFunction loss = Loss.residuals(residuals);
    try (Network net = Network.input(1).dense(1, Activation.IDENTITY).build(device, 1);
        DeviceBatch batch = DeviceBatch.of(device, X, Y);
        Optimizer optimizer = GaussNewton.exact().build(net, loss)) {
      net.setWeights(new float[][] {{0, 0}});
      StepReport report = optimizer.step(batch);
      for (int k = 0; k < 300 && !report.converged(); k++) {
        report = optimizer.step(batch);
      }
      double distance = Math.sqrt(2 * 0x1p-21 * cost);
      float[] W = net.weights()[0];
      assertThat((double) W[0]).isCloseTo(slope, within(distance));
      assertThat((double) W[1]).isCloseTo(intercept, within(distance));
      assertThat(6 * report.objective()).isCloseTo(cost, within(0x1p-20 * cost));
    }
  }

  /**
   * Nonlinear residuals, weighted datapoints and a hidden layer: the objective falls by a third.
   */
  @ParameterizedTest
  @ValueSource(strings = {"kfra", "kflr", "exact"})
  void everyMethodTrains(String method) {
    SplittableRandom random = new SplittableRandom(5);
    Device device = TestDevice.get();
    double[][] T = Problem.random(40, 3, random);
    for (double[] t : T) {
      t[2] = Math.abs(t[2]);
    }
    LossFunction loss = Loss.weighted(Loss.residuals(Bent.grouped()));
    try (Network net = network(device);
        DeviceBatch batch = DeviceBatch.of(device, Problem.random(40, 3, random), T);
        Optimizer optimizer = optimizer(method, net, loss)) {
      double first = optimizer.step(batch).objective();
      StepReport report = null;
      for (int k = 0; k < 40; k++) {
        report = optimizer.step(batch);
        assertThat(report.problem()).doesNotContain("finite");
      }
      assertThat(report.objective()).as(optimizer.name()).isLessThan(2 * first / 3);
    }
  }

  private static Optimizer optimizer(String method, Network net, LossFunction loss) {
    return switch (method) {
      case "kfra" -> GaussNewton.kfra().build(net, loss);
      case "kflr" -> GaussNewton.kflr().build(net, loss);
      default -> GaussNewton.exact().build(net, loss);
    };
  }

  /** Updates with residuals in CUDA are replayed as graphs, and lead where those in Java lead. */
  @ParameterizedTest
  @ValueSource(strings = {"kfra", "kflr", "exact"})
  void residualsInCudaTrainAsThoseInJava(String method) {
    Nvcc.assume("training with residuals in CUDA");
    CudaResiduals cuda =
        CudaResiduals.named("bent", 2, 2).group(3).weight(0.5).cauchy(2).group(2).huber(0.5);
    double[] own = objectives(method, cuda.source(Bent.CUDA));
    double[] java = objectives(method, Loss.residuals(Bent.grouped()));
    for (int k = 0; k < own.length; k++) {
      // float's roundings of values and gradients, grown tenfold by each update's condition
      double bound = Math.min(1e-3, 0x1p-22 * Math.pow(10, k)) * java[k];
      assertThat(own[k]).as("update %d", k).isCloseTo(java[k], within(bound));
    }
    assertThat(own[own.length - 1]).isLessThan(0.9 * own[0]);
  }

  private static double[] objectives(String method, LossFunction loss) {
    SplittableRandom random = new SplittableRandom(7);
    Device device = TestDevice.get();
    try (Network net = network(device);
        DeviceBatch batch =
            DeviceBatch.of(device, Problem.random(40, 3, random), Problem.random(40, 2, random));
        Optimizer optimizer = optimizer(method, net, loss)) {
      double[] objectives = new double[8];
      for (int k = 0; k < objectives.length; k++) {
        objectives[k] = optimizer.step(batch).objective();
      }
      return objectives;
    }
  }

  private static Network network(Device device) {
    return Network.input(3)
        .dense(6, Activation.TANH)
        .dense(2, Activation.IDENTITY)
        .build(device, 1);
  }

  /** The squared loss by residuals gives the squared loss' step. */
  @ParameterizedTest
  @EnumSource(
      value = Method.class,
      names = {"KFRA", "KFLR"})
  void differencesTrainAsTheSquaredLoss(Method method) {
    SplittableRandom random = new SplittableRandom(6);
    double[][] X = Problem.random(30, 3, random);
    double[][] T = Problem.random(30, 2, random);
    float[] own = after(method, Loss.residuals(LINE), X, T);
    float[] builtIn = after(method, Loss.squared(), X, T);
    for (int i = 0; i < own.length; i++) {
      // a step's condition is below 1e3 with the first damping, an entry below 1
      assertThat((double) own[i]).isCloseTo(builtIn[i], within(1e3 * 0x1p-24 * 10));
    }
  }

  private static float[] after(Method method, LossFunction loss, double[][] X, double[][] T) {
    Device device = TestDevice.get();
    try (Network net = network(device);
        DeviceBatch batch = DeviceBatch.of(device, X, T);
        Optimizer optimizer = GaussNewtonTest.builder(method).build(net, loss)) {
      optimizer.step(batch).update();
      return net.weights()[1];
    }
  }
}
