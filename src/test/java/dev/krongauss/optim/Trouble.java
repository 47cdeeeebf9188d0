package dev.krongauss.optim;

import dev.krongauss.reference.ReferenceLoss;
import dev.krongauss.testing.Problem.Setup;
import dev.krongauss.testing.Problem.Unit;
import java.util.Arrays;

/** Data and weights that are finite, and hard on a second-order method. */
enum Trouble {
  /** No unit of the first layer is ever on: neither gradient nor curvature there. */
  DEAD_RELUS(new Setup(ReferenceLoss.SQUARED, Unit.RELU, 17, 101, 5, 7, 3)) {
    @Override
    void spoil(double[][] X, double[][] T, float[][] weights) {
      for (int i = 0; i < 7; i++) {
        weights[0][6 * i + 5] = -100;
      }
    }
  },
  /** Features that never change, one of them always 0: Q is singular. */
  CONSTANT_FEATURES(new Setup(ReferenceLoss.BERNOULLI, Unit.TANH, 19, 102, 6, 7, 4)) {
    @Override
    void spoil(double[][] X, double[][] T, float[][] weights) {
      for (double[] x : X) {
        x[1] = 0;
        x[2] = 3;
        x[3] = 3;
      }
    }
  },
  /** The same datapoint over and over: every factor has rank 1, or K. */
  DUPLICATES(new Setup(ReferenceLoss.SOFTMAX, Unit.TANH, 23, 103, 6, 9, 4)) {
    @Override
    void spoil(double[][] X, double[][] T, float[][] weights) {
      Arrays.fill(X, X[0]);
      Arrays.fill(T, T[0]);
    }
  },
  /** One output and one datapoint: both factors of every layer have rank 1. */
  RANK_ONE(new Setup(ReferenceLoss.SQUARED, Unit.TANH, 1, 104, 9, 8, 7, 1)),
  ONE_DATAPOINT(new Setup(ReferenceLoss.SOFTMAX, Unit.RELU, 1, 105, 6, 9, 4)),
  /** Layers of one unit with one input. */
  ONE_BY_ONE(new Setup(ReferenceLoss.BERNOULLI, Unit.TANH, 11, 106, 1, 1, 1, 1)),
  /** The targets are the outputs. */
  ZERO_GRADIENT(new Setup(ReferenceLoss.SQUARED, Unit.RELU, 5, 107, 3, 4, 2)) {
    @Override
    void spoil(double[][] X, double[][] T, float[][] weights) {
      Arrays.fill(weights[1], 0);
      for (double[] t : T) {
        Arrays.fill(t, 0);
      }
    }
  },
  /** Targets of 1e15 make a loss of 1e30, gradients of 1e15 and slopes of 1e30. */
  HUGE_LOSS(new Setup(ReferenceLoss.SQUARED, Unit.TANH, 13, 108, 5, 6, 2)) {
    @Override
    void spoil(double[][] X, double[][] T, float[][] weights) {
      scale(T, 1e15);
    }
  },
  /** Logits of 1e4 of either sign: no curvature, and gradients of 0 or 1. */
  SATURATED_LOGITS(new Setup(ReferenceLoss.BERNOULLI, Unit.TANH, 13, 109, 5, 6, 4)) {
    @Override
    void spoil(double[][] X, double[][] T, float[][] weights) {
      saturate(weights[1]);
    }

    /**
     * The first step, for want of curvature, is far too long; the way back, with λ alone in its
     * place, is short steps.
     */
    @Override
    int updates() {
      return 80;
    }
  },
  SATURATED_SOFTMAX(new Setup(ReferenceLoss.SOFTMAX, Unit.TANH, 13, 110, 5, 6, 4)) {
    @Override
    void spoil(double[][] X, double[][] T, float[][] weights) {
      saturate(weights[1]);
    }
  },
  /** All of one class, and sure of it: a loss, gradients and curvature of e^−60. */
  CONFIDENT_SOFTMAX(new Setup(ReferenceLoss.SOFTMAX, Unit.TANH, 13, 112, 5, 6, 4)) {
    @Override
    void spoil(double[][] X, double[][] T, float[][] weights) {
      weights[1][6] = 60; // the bias of class 0
      for (double[] t : T) {
        Arrays.fill(t, 0);
        t[0] = 1;
      }
    }
  },
  /** Features from 1 to 1e-4 in size: κ(Q) = 1e8. */
  ILL_CONDITIONED(new Setup(ReferenceLoss.BERNOULLI, Unit.LOGISTIC, 41, 111, 9, 8, 5)) {
    @Override
    void spoil(double[][] X, double[][] T, float[][] weights) {
      for (double[] x : X) {
        for (int j = 0; j < x.length; j++) {
          x[j] = (float) (x[j] * Math.pow(10, -0.5 * j));
        }
      }
    }
  };

  private final Setup setup;

  Trouble(Setup setup) {
    this.setup = setup;
  }

  Setup setup() {
    return setup;
  }

  /** Updates after which the objective must not be above its start. */
  int updates() {
    return 15;
  }

  /** Changes inputs [N][d_0], targets [N][d_L] and weights, compact rows, in place. */
  void spoil(double[][] X, double[][] T, float[][] weights) {}

  private static void scale(double[][] values, double factor) {
    for (double[] row : values) {
      for (int j = 0; j < row.length; j++) {
        row[j] = (float) (row[j] * factor);
      }
    }
  }

  private static void saturate(float[] weights) {
    for (int i = 0; i < weights.length; i++) {
      weights[i] *= 1e4f;
    }
  }
}
