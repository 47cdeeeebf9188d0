package dev.krongauss.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.krongauss.curvature.Method;
import dev.krongauss.device.Device;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.model.LossFunction;
import dev.krongauss.net.Loss;
import dev.krongauss.net.Loss.Split;
import dev.krongauss.net.Network;
import dev.krongauss.testing.DeviceBatch;
import dev.krongauss.testing.Gaussian;
import dev.krongauss.testing.HostMixture;
import dev.krongauss.testing.Huber;
import dev.krongauss.testing.Problem;
import dev.krongauss.testing.TestDevice;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Losses of one's own inside the optimisers, on the host and in CUDA. */
final class OwnLossTest {
  private static final int N = 23;

  private final SplittableRandom random = new SplittableRandom(89);
  private final double[][] X = Problem.random(N, Runs.INPUTS, random);

  static Stream<Arguments> mixtures() {
    return Stream.of(Method.KFRA, Method.KFLR)
        .flatMap(m -> Stream.of(Split.values()).map(split -> new Object[] {m, split}))
        .flatMap(c -> Stream.of(false, true).map(w -> Arguments.of(c[0], c[1], w)));
  }

  /** The built-in mixture, and the same formulas in Java in double. */
  @ParameterizedTest(name = "{0} {1} weighted {2}")
  @MethodSource("mixtures")
  void onTheHostIsAsBuiltIn(Method method, Split split, boolean weighted) {
    LossFunction builtIn = Loss.mixture(split);
    LossFunction host = Loss.onHost(new HostMixture(split));
    double[][] T = bits(weighted ? 2 : 1);
    Runs.Result wanted = Runs.of(method, weighted ? Loss.weighted(builtIn) : builtIn, 3, X, T, 1);
    Runs.compare(wanted, Runs.of(method, weighted ? Loss.weighted(host) : host, 3, X, T, 1), N, 1);
  }

  /** On the host and on the device the draws differ; both are the Fisher's, and both train. */
  @Test
  void kfacTrainsWithSampledTargetsOfOnesOwn() {
    double[][] T = bits(1);
    for (LossFunction loss :
        new LossFunction[] {Loss.onHost(new HostMixture(Split.LOGIT)), Loss.mixture()}) {
      assertTrains(Method.KFAC, loss, 3, T);
    }
    assertTrains(Method.KFAC, Gaussian.fromPtx(), 2, Problem.random(N, 1, random));
  }

  @Test
  void kfraNeedsOnlyTheMeanCurvature() {
    double[][] T = Problem.random(N, 2, random);
    assertTrains(Method.KFRA, Loss.onHost(new Huber.Mean(0.5f)), 2, T);
    assertTrains(Runs.ADAM, Loss.onHost(new Huber.Mean(0.5f)), 2, T);
  }

  /** Before anything is allocated. */
  @Test
  void aMethodThatTheLossCannotServeIsAnError() {
    Device device = TestDevice.get();
    try (Network two = Runs.network(2)) {
      long before = device.allocatedBytes();
      assertThatThrownBy(() -> GaussNewton.kfac().build(two, Loss.onHost(new Huber(1))))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("KFAC needs targets sampled")
          .hasMessageContaining("huber(1.0)")
          .hasMessageContaining("KFLR or KFRA");
      assertThatThrownBy(() -> GaussNewton.kflr().build(two, Loss.onHost(new Huber.Mean(1))))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("KFLR needs a square root")
          .hasMessageContaining("huber(1.0), mean curvature")
          .hasMessageContaining("use KFRA");
      for (LossFunction loss : new LossFunction[] {Loss.mixture(), Loss.weighted(Loss.mixture())}) {
        assertThatThrownBy(() -> GaussNewton.kfra().build(two, loss))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("takes 3 outputs")
            .hasMessageContaining("not 2");
        assertThatThrownBy(() -> Adam.builder().build(two, loss))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("takes 3 outputs");
      }
      assertThat(device.allocatedBytes()).isEqualTo(before);
    }
  }

  /** A loss in CUDA is part of the graph; one on the host cannot be. */
  @Test
  void updatesWithALossInCudaAreReplayed() {
    assumeTrue(
        Operations.of(TestDevice.get()).capturesFactorisations(),
        "a GPU's cuSOLVER cannot be captured");
    double[][] T = Problem.random(N, 1, random);
    assertThat(nodes(Gaussian.fromPtx(), T)).isPositive();
    assertThat(nodes(Loss.mixture(), null)).isPositive();
    assertThat(nodes(Loss.weighted(Gaussian.fromPtx()), Problem.random(N, 2, random))).isPositive();
    assertThat(nodes(Loss.onHost(new HostMixture(Split.LOGIT)), null)).isZero();
  }

  private int nodes(LossFunction loss, double[][] targets) {
    Device device = TestDevice.get();
    double[][] T = targets == null ? bits(1) : targets;
    for (double[] t : T) {
      t[t.length - 1] = Math.abs(t[t.length - 1]); // where it is a weight
    }
    long before = device.allocatedBytes();
    int nodes;
    try (Network network = Runs.network(targets == null ? 3 : 2);
        DeviceBatch batch = DeviceBatch.of(device, X, T);
        GaussNewton optimizer = GaussNewton.kfra().refreshEvery(1).build(network, loss)) {
      for (int k = 0; k < 20; k++) {
        assertThat(optimizer.step(batch).accepted()).isTrue();
      }
      nodes = optimizer.graphNodes(true, false);
    }
    assertThat(device.allocatedBytes()).as("bytes left after close").isEqualTo(before);
    return nodes;
  }

  private void assertTrains(Method method, LossFunction loss, int outputs, double[][] T) {
    try (Network network = Runs.network(outputs);
        DeviceBatch batch = DeviceBatch.of(TestDevice.get(), X, T);
        Optimizer optimizer = Runs.optimizer(method, network, loss, 1)) {
      double first = optimizer.step(batch).loss();
      double last = first;
      for (int k = 0; k < 25; k++) {
        last = optimizer.step(batch).loss();
      }
      assertThat(last).as(loss.name()).isLessThan(first - 0.03);
    }
  }

  private double[][] bits(int columns) {
    double[][] T = new double[N][columns];
    for (int n = 0; n < N; n++) {
      T[n][0] = X[n][0] > X[n][1] * X[n][2] ? 1 : 0;
      if (columns > 1) {
        T[n][1] = n % 3;
      }
    }
    return T;
  }
}
