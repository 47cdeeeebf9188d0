package dev.krongauss.onnx;

import dev.krongauss.net.Activation;
import dev.krongauss.reference.Algebra;
import dev.krongauss.reference.ReferenceNetwork;
import dev.krongauss.reference.ReferenceTransfer;
import java.util.List;
import java.util.SplittableRandom;

/** Weights, rows, and what comes of them in double. */
final class Oracle {
  private final ReferenceNetwork network;
  private final float[][] weights;

  /** Weights drawn for layers of these sizes, biases too. */
  Oracle(int[] sizes, List<Activation> activations, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int L = sizes.length - 1;
    weights = new float[L][];
    double[][][] W = new double[L][][];
    for (int l = 0; l < L; l++) {
      int columns = sizes[l] + 1;
      weights[l] = floats(random, sizes[l + 1] * columns, Math.sqrt(3.0 / sizes[l]));
      W[l] = Algebra.matrix(weights[l], sizes[l + 1], columns);
    }
    network =
        new ReferenceNetwork(
            W, activations.stream().map(Oracle::transfer).toArray(ReferenceTransfer[]::new));
  }

  float[][] weights() {
    return weights;
  }

  /** Numbers between -size and size. */
  static float[] floats(SplittableRandom random, int count, double size) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) (size * (2 * random.nextDouble() - 1));
    }
    return values;
  }

  /** Of each row the outputs, and for each output the sum of the absolute terms of its last sum. */
  record Outputs(double[][] h, double[][] scale) {
    double scaleOfRow(int n) {
      double sum = 0;
      for (double s : scale[n]) {
        sum += s;
      }
      return sum;
    }
  }

  Outputs run(float[] rows, int N) {
    int d = rows.length / N;
    double[][] h = new double[N][];
    double[][] scale = new double[N][];
    for (int n = 0; n < N; n++) {
      double[] x = new double[d];
      for (int i = 0; i < d; i++) {
        x[i] = rows[n * d + i];
      }
      ReferenceNetwork.Pass pass = network.forward(x);
      h[n] = pass.output();
      double[] last = pass.input()[pass.input().length - 1];
      double[][] W = network.weights()[network.layers() - 1];
      scale[n] = new double[h[n].length];
      for (int o = 0; o < h[n].length; o++) {
        for (int j = 0; j < last.length; j++) {
          scale[n][o] += Math.abs(W[o][j] * last[j]);
        }
      }
    }
    return new Outputs(h, scale);
  }

  private static ReferenceTransfer transfer(Activation f) {
    return switch (f.name()) {
      case "identity" -> ReferenceTransfer.IDENTITY;
      case "tanh" -> ReferenceTransfer.TANH;
      case "logistic" -> ReferenceTransfer.LOGISTIC;
      case "relu" -> ReferenceTransfer.RELU;
      case "softplus" -> ReferenceTransfer.SOFTPLUS;
      case "leaky_relu" -> ReferenceTransfer.leakyRelu(f.slope());
      default -> throw new AssertionError(f);
    };
  }

  static double[] logistic(double[] h) {
    double[] p = new double[h.length];
    for (int i = 0; i < h.length; i++) {
      p[i] = 1 / (1 + Math.exp(-h[i]));
    }
    return p;
  }

  static double[] softmax(double[] h) {
    double sum = 0;
    for (double value : h) {
      sum += Math.exp(value);
    }
    double[] p = new double[h.length];
    for (int i = 0; i < h.length; i++) {
      p[i] = Math.exp(h[i]) / sum;
    }
    return p;
  }

  static double[] mixture(double[] h) {
    double gate = 1 / (1 + Math.exp(-h[0]));
    double other = 1 / (1 + Math.exp(h[0]));
    return new double[] {gate / (1 + Math.exp(-h[1])) + other / (1 + Math.exp(-h[2]))};
  }
}
