package dev.krongauss.bench.exact;

import java.util.Arrays;

/** The network in double, on the host: what all contestants' weights are judged by. */
final class DoubleNetwork {
  private final ExactProblem problem;
  private final int[] sizes;
  private final double[][] a;
  private final double[][] c;

  DoubleNetwork(ExactProblem problem) {
    this.problem = problem;
    this.sizes = problem.sizes();
    this.a = Arrays.stream(sizes).mapToObj(double[]::new).toArray(double[][]::new);
    this.c = Arrays.stream(sizes).mapToObj(double[]::new).toArray(double[][]::new);
  }

  /** 1/N Σ 1/2 (h − t)². */
  double objective(double[][] W) {
    double sum = 0;
    for (int n = 0; n < problem.rows(); n++) {
      double r = forward(W, n) - problem.targets()[n];
      sum += r * r / 2;
    }
    return sum / problem.rows();
  }

  /** Of {@link #objective}, W_1 … W_L one after the other. */
  double[] gradient(double[][] W) {
    double[] gradient = new double[problem.weights()];
    double[] row = new double[gradient.length];
    for (int n = 0; n < problem.rows(); n++) {
      double r = jacobian(W, n, row) - problem.targets()[n];
      for (int p = 0; p < row.length; p++) {
        gradient[p] += r * row[p] / problem.rows();
      }
    }
    return gradient;
  }

  /**
   * The output for a datapoint, and its derivatives.
   *
   * @param row gets ∂h/∂θ [P]
   */
  double jacobian(double[][] W, int n, double[] row) {
    double h = forward(W, n);
    int last = sizes.length - 1;
    c[last][0] = 1;
    for (int l = last; l > 1; l--) {
      int inputs = sizes[l - 1];
      for (int j = 0; j < inputs; j++) {
        double sum = 0;
        for (int i = 0; i < sizes[l]; i++) {
          sum += c[l][i] * W[l - 1][i * (inputs + 1) + j];
        }
        c[l - 1][j] = sum * (1 - a[l - 1][j] * a[l - 1][j]);
      }
    }
    int place = 0;
    for (int l = 1; l <= last; l++) {
      for (int i = 0; i < sizes[l]; i++) {
        for (int j = 0; j < sizes[l - 1]; j++) {
          row[place++] = c[l][i] * a[l - 1][j];
        }
        row[place++] = c[l][i];
      }
    }
    return h;
  }

  /** The output for a datapoint; its activations stay. */
  double forward(double[][] W, int n) {
    for (int j = 0; j < sizes[0]; j++) {
      a[0][j] = problem.inputs()[n * sizes[0] + j];
    }
    for (int l = 1; l < sizes.length; l++) {
      int inputs = sizes[l - 1];
      for (int i = 0; i < sizes[l]; i++) {
        double h = W[l - 1][i * (inputs + 1) + inputs];
        for (int j = 0; j < inputs; j++) {
          h += W[l - 1][i * (inputs + 1) + j] * a[l - 1][j];
        }
        a[l][i] = l == sizes.length - 1 ? h : Math.tanh(h);
      }
    }
    return a[sizes.length - 1][0];
  }

  /** θ cut into layers. */
  double[][] layers(double[] theta) {
    double[][] W = new double[sizes.length - 1][];
    int place = 0;
    for (int l = 1; l < sizes.length; l++) {
      int count = sizes[l] * (sizes[l - 1] + 1);
      W[l - 1] = Arrays.copyOfRange(theta, place, place + count);
      place += count;
    }
    return W;
  }

  /** Layers as θ. */
  static double[] vector(double[][] W) {
    return Arrays.stream(W).flatMapToDouble(Arrays::stream).toArray();
  }

  static double[][] widened(float[][] W) {
    double[][] wide = new double[W.length][];
    for (int l = 0; l < W.length; l++) {
      wide[l] = new double[W[l].length];
      for (int i = 0; i < W[l].length; i++) {
        wide[l][i] = W[l][i];
      }
    }
    return wide;
  }
}
