package dev.krongauss.diagnose;

import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;

/**
 * A trainer in plain Java: forward and backward pass of a random network over a random batch, in
 * double, exported as floats; gradients summed in FP32, each time in another way.
 */
final class Trainer {
  final int N;
  final int T;
  final int[] sizes;
  final Values[] activations;
  final Values[] before; // pre-activations [R][d_l + 1] with the ones, of the layers
  final Values[] outputGradients; // by the activation of each layer, not its pre-activation
  final Values[] deltas;
  final Values[] weights;
  final Values[] gradients;
  final Values predictions;
  final Values targets;
  private final SplittableRandom random;

  /**
   * @param N datapoints
   * @param sizes widths from the input on
   */
  Trainer(SplittableRandom random, int N, int T, int... sizes) {
    this.random = random;
    this.N = N;
    this.T = T;
    this.sizes = sizes;
    int L = sizes.length - 1;
    activations = new Values[L];
    before = new Values[L];
    outputGradients = new Values[L];
    deltas = new Values[L];
    weights = new Values[L];
    gradients = new Values[L];
    Values a = withOnes(gaussian(R(), sizes[0], 1));
    for (int l = 0; l < L; l++) {
      weights[l] = gaussian(sizes[l + 1], sizes[l] + 1, 1 / Math.sqrt(sizes[l] + 1.0));
      activations[l] = a;
      Values h = times(a, weights[l], false);
      before[l] = withOnes(h);
      a = withOnes(l < L - 1 ? map(h, Math::tanh) : h);
    }
    predictions = a.columns(0, sizes[L]);
    targets = gaussian(R(), sizes[L], 1);
    Values back = difference(predictions, targets);
    for (int l = L - 1; l >= 0; l--) {
      outputGradients[l] = back;
      deltas[l] = l == L - 1 ? back : back(back, activations[l + 1]);
      gradients[l] = gradient(deltas[l], activations[l], 1.0 / N);
      back = times(deltas[l], weights[l].columns(0, sizes[l]), true);
    }
  }

  int R() {
    return N * T;
  }

  int layers() {
    return deltas.length;
  }

  /** Everything as it should be. */
  LayerArrays layer(int l) {
    return new LayerArrays(activations[l], deltas[l], gradients[l]);
  }

  Values gaussian(int rows, int columns, double scale) {
    float[] values = new float[rows * columns];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          (float)
              (scale
                  * Math.sqrt(-2 * Math.log(1 - random.nextDouble()))
                  * Math.cos(2 * Math.PI * random.nextDouble()));
    }
    return new Values(rows, columns, values);
  }

  /**
   * scale Σ δ āᵀ in FP32: row after row, in blocks or by halves, with the scale before, behind or
   * within, from the first row on or the last.
   */
  Values gradient(Values D, Values A, double scale) {
    boolean early = random.nextBoolean();
    boolean backwards = random.nextBoolean();
    int block = random.nextInt(3) == 0 ? 1 << random.nextInt(7) : D.rows();
    float[] sum = new float[D.columns() * A.columns()];
    for (int first = 0; first < D.rows(); first += block) {
      float[] part = new float[sum.length];
      for (int r = first; r < Math.min(D.rows(), first + block); r++) {
        add(part, D, A, backwards ? D.rows() - 1 - r : r, early ? (float) scale : 1);
      }
      for (int i = 0; i < sum.length; i++) {
        sum[i] += part[i];
      }
    }
    for (int i = 0; i < sum.length && !early; i++) {
      sum[i] *= (float) scale;
    }
    return new Values(D.columns(), A.columns(), sum);
  }

  private static void add(float[] sum, Values D, Values A, int row, float scale) {
    for (int i = 0; i < D.columns(); i++) {
      float d = D.at(row, i) * scale;
      for (int j = 0; j < A.columns(); j++) {
        sum[i * A.columns() + j] += d * A.at(row, j);
      }
    }
  }

  static Values withOnes(Values of) {
    float[] values = new float[of.rows() * (of.columns() + 1)];
    for (int r = 0; r < of.rows(); r++) {
      System.arraycopy(of.values(), r * of.columns(), values, r * (of.columns() + 1), of.columns());
      values[r * (of.columns() + 1) + of.columns()] = 1;
    }
    return new Values(of.rows(), of.columns() + 1, values);
  }

  /** a Wᵀ, or a W. */
  private static Values times(Values a, Values W, boolean plain) {
    int columns = plain ? W.columns() : W.rows();
    int inner = plain ? W.rows() : W.columns();
    float[] result = new float[a.rows() * columns];
    for (int r = 0; r < a.rows(); r++) {
      for (int i = 0; i < columns; i++) {
        double sum = 0;
        for (int j = 0; j < inner; j++) {
          sum += (double) a.at(r, j) * (plain ? W.at(j, i) : W.at(i, j));
        }
        result[r * columns + i] = (float) sum;
      }
    }
    return new Values(a.rows(), columns, result);
  }

  private static Values back(Values gradients, Values activations) {
    float[] result = new float[gradients.values().length];
    for (int i = 0; i < result.length; i++) {
      double a = activations.at(i / gradients.columns(), i % gradients.columns());
      result[i] = (float) (gradients.values()[i] * (1 - a * a));
    }
    return new Values(gradients.rows(), gradients.columns(), result);
  }

  private static Values difference(Values a, Values b) {
    float[] result = new float[a.values().length];
    for (int i = 0; i < result.length; i++) {
      result[i] = a.values()[i] - b.values()[i];
    }
    return new Values(a.rows(), a.columns(), result);
  }

  static Values map(Values of, DoubleUnaryOperator f) {
    float[] result = new float[of.values().length];
    for (int i = 0; i < result.length; i++) {
      result[i] = (float) f.applyAsDouble(of.values()[i]);
    }
    return new Values(of.rows(), of.columns(), result);
  }
}
