package org.example.trainer;

import java.util.SplittableRandom;

/**
 * A network with tanh units, linear outputs and squared loss, in plain loops on the host: somebody
 * else's model.
 */
final class OwnNetwork {
  private final int[] sizes;
  private final float[][] W;
  private final float[][] activations;
  private final int N;
  private float[] output;

  /**
   * Weights W[l] are [sizes[l + 1]][sizes[l] + 1], the bias last; activations carry a 1 as last
   * column.
   */
  OwnNetwork(int N, long seed, int... sizes) {
    this.N = N;
    this.sizes = sizes;
    this.W = new float[sizes.length - 1][];
    this.activations = new float[sizes.length - 1][];
    SplittableRandom random = new SplittableRandom(seed);
    for (int l = 0; l < W.length; l++) {
      W[l] = new float[sizes[l + 1] * (sizes[l] + 1)];
      activations[l] = new float[N * (sizes[l] + 1)];
      for (int i = 0; i < W[l].length; i++) {
        W[l][i] = (float) (Math.sqrt(3.0 / sizes[l]) * (2 * random.nextDouble() - 1));
      }
    }
  }

  int layers() {
    return W.length;
  }

  int inputs(int l) {
    return sizes[l] + 1;
  }

  int units(int l) {
    return sizes[l + 1];
  }

  float[][] weights() {
    return W;
  }

  /** What entered layer l in the last forward pass, [N][inputs(l)]. */
  float[] activations(int l) {
    return activations[l];
  }

  /** Runs N datapoints of inputs [N][sizes[0]] and returns the mean loss. */
  double forward(float[] x, float[] t) {
    float[] a = x;
    for (int l = 0; l < W.length; l++) {
      for (int n = 0; n < N; n++) {
        System.arraycopy(a, n * sizes[l], activations[l], n * inputs(l), sizes[l]);
        activations[l][n * inputs(l) + sizes[l]] = 1;
      }
      a = product(activations[l], W[l], inputs(l), units(l), inputs(l));
      for (int i = 0; l < W.length - 1 && i < a.length; i++) {
        a[i] = (float) Math.tanh(a[i]);
      }
    }
    output = a;
    double loss = 0;
    for (int i = 0; i < a.length; i++) {
      loss += 0.5 * (a[i] - t[i]) * (a[i] - t[i]) / N;
    }
    return loss;
  }

  /** Gradients of the mean loss at the last forward pass, shaped like the weights. */
  float[][] gradients(float[] t) {
    float[] residual = new float[output.length];
    for (int i = 0; i < residual.length; i++) {
      residual[i] = output[i] - t[i];
    }
    float[][] deltas = back(residual, 1);
    float[][] gradients = new float[W.length][];
    for (int l = 0; l < W.length; l++) {
      gradients[l] = new float[W[l].length];
      for (int n = 0; n < N; n++) {
        for (int o = 0; o < units(l); o++) {
          for (int i = 0; i < inputs(l); i++) {
            gradients[l][o * inputs(l) + i] +=
                deltas[l][n * units(l) + o] * activations[l][n * inputs(l) + i] / N;
          }
        }
      }
    }
    return gradients;
  }

  /**
   * Square roots of the curvature: the columns of the identity sent back, K = outputs rows a
   * datapoint.
   */
  float[][] squareRoots() {
    int K = sizes[sizes.length - 1];
    float[] identity = new float[N * K * K];
    for (int row = 0; row < N * K; row++) {
      identity[row * K + row % K] = 1;
    }
    return back(identity, K);
  }

  /** Mean of ‖J D‖² over the datapoints: the exact Gauss-Newton along a direction. */
  double curvatureAlong(float[][] D) {
    double sum = 0;
    for (float v : change(D)) {
      sum += (double) v * v / N;
    }
    return sum;
  }

  /** J D: the change of the outputs along a direction, [N][outputs]; a layer with null stays. */
  float[] change(float[][] D) {
    float[] tangent = null;
    for (int l = 0; l < W.length; l++) {
      float[] moved = new float[N * units(l)];
      if (D[l] != null) {
        moved = product(activations[l], D[l], inputs(l), units(l), inputs(l));
      }
      if (tangent != null) {
        float[] through = product(tangent, W[l], sizes[l], units(l), inputs(l));
        for (int i = 0; i < moved.length; i++) {
          moved[i] += through[i];
        }
      }
      for (int i = 0; l < W.length - 1 && i < moved.length; i++) {
        moved[i] *= derivative(l, i);
      }
      tangent = moved;
    }
    return tangent;
  }

  /** Takes other weights, shaped like {@link #weights}. */
  void set(float[][] weights) {
    for (int l = 0; l < W.length; l++) {
      System.arraycopy(weights[l], 0, W[l], 0, W[l].length);
    }
  }

  void move(double alpha, float[][] D) {
    for (int l = 0; l < W.length; l++) {
      for (int i = 0; i < W[l].length; i++) {
        W[l][i] += (float) (alpha * D[l][i]);
      }
    }
  }

  /** Sends rows [N·K][outputs] back through the layers, as gradients go. */
  private float[][] back(float[] rows, int K) {
    float[][] all = new float[W.length][];
    all[W.length - 1] = rows;
    for (int l = W.length - 1; l > 0; l--) {
      all[l - 1] = new float[N * K * sizes[l]];
      for (int row = 0; row < N * K; row++) {
        for (int i = 0; i < sizes[l]; i++) {
          float sum = 0;
          for (int o = 0; o < units(l); o++) {
            sum += W[l][o * inputs(l) + i] * all[l][row * units(l) + o];
          }
          all[l - 1][row * sizes[l] + i] = sum * derivative(l - 1, row / K * sizes[l] + i);
        }
      }
    }
    return all;
  }

  /** tanh' of unit {@code index} of [N][units(l)], from the activation that went up. */
  private float derivative(int l, int index) {
    float a = activations[l + 1][index / units(l) * inputs(l + 1) + index % units(l)];
    return 1 - a * a;
  }

  /** X Mᵀ over the first {@code width} columns of M. */
  private float[] product(float[] X, float[] M, int width, int rowsOfM, int strideOfM) {
    float[] result = new float[N * rowsOfM];
    for (int n = 0; n < N; n++) {
      for (int o = 0; o < rowsOfM; o++) {
        float sum = 0;
        for (int i = 0; i < width; i++) {
          sum += X[n * width + i] * M[o * strideOfM + i];
        }
        result[n * rowsOfM + o] = sum;
      }
    }
    return result;
  }
}
