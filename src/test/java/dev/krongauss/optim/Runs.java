package dev.krongauss.optim;

import static dev.krongauss.testing.Compare.bound;

import dev.krongauss.curvature.Method;
import dev.krongauss.model.LossFunction;
import dev.krongauss.net.Activation;
import dev.krongauss.net.Network;
import dev.krongauss.reference.Algebra;
import dev.krongauss.testing.Compare;
import dev.krongauss.testing.DeviceBatch;
import dev.krongauss.testing.TestDevice;

/** A few updates of a small network from one start, to be compared with those of another loss. */
final class Runs {
  /** The optimisers; null stands for Adam. */
  static final Method ADAM = null;

  static final int INPUTS = 5;
  static final int STEPS = 4;
  private static final int HIDDEN = 7;
  private static final double LAMBDA = 0.0625;
  private static final double L2 = 0.015625;

  private Runs() {}

  /** Objectives of the updates and the weights after the last. */
  record Result(float[] losses, float[][] weights) {}

  static Network network(int outputs) {
    return Network.input(INPUTS)
        .dense(HIDDEN, Activation.TANH)
        .dense(outputs, Activation.IDENTITY)
        .build(TestDevice.get(), 5);
  }

  static Optimizer optimizer(Method method, Network network, LossFunction loss, double factor) {
    if (method == ADAM) {
      return Adam.builder().learningRate(0.01).build(network, loss);
    }
    return GaussNewtonTest.builder(method)
        .lambda(factor * LAMBDA)
        .l2(factor * L2)
        .refreshEvery(2)
        .reductionEvery(2)
        .build(network, loss);
  }

  /**
   * @param factor of λ and η, for an objective that is so many times another's
   */
  static Result of(
      Method method, LossFunction loss, int outputs, double[][] X, double[][] T, double factor) {
    try (Network network = network(outputs);
        DeviceBatch batch = DeviceBatch.of(TestDevice.get(), X, T);
        Optimizer optimizer = optimizer(method, network, loss, factor)) {
      float[] losses = new float[STEPS];
      for (int k = 0; k < STEPS; k++) {
        losses[k] = (float) optimizer.step(batch).loss();
      }
      return new Result(losses, network.weights());
    }
  }

  /**
   * Two runs that differ in rounding: it grows from step to step, and with λ = 1/16 an update loses
   * two digits.
   *
   * @param factor of the objective of {@code got}
   */
  static void compare(Result wanted, Result got, int datapoints, double factor) {
    double path = 2 * (INPUTS + HIDDEN + 5) + 60 + datapoints;
    for (int k = 0; k < STEPS; k++) {
      double value = factor * wanted.losses()[k];
      double error = bound(100.0 * (k + 1), path, Math.abs(value) + factor);
      Compare.scalar("loss of update " + (k + 1), 0, value, got.losses()[k], error);
    }
    for (int l = 0; l < got.weights().length; l++) {
      int rows = l == 0 ? HIDDEN : got.weights()[l].length / (HIDDEN + 1);
      double[][] W = Algebra.matrix(wanted.weights()[l], rows, got.weights()[l].length / rows);
      Compare.matrix(
          "W" + (l + 1), 0, W, got.weights()[l], bound(100.0 * STEPS, path, Algebra.largest(W)));
    }
  }
}
