package dev.krongauss.reference;

import java.util.Arrays;

/**
 * A dense network, one datapoint at a time: h_l = W_l ā_{l-1}, a_l = f_l(h_l), the last f being the
 * identity.
 */
public final class ReferenceNetwork {
  private final double[][][] W;
  private final ReferenceTransfer[] f;

  /**
   * A network over the given weights (not copied).
   *
   * @param W each [d_l][d_{l-1} + 1], last column the bias
   */
  public ReferenceNetwork(double[][][] W, ReferenceTransfer[] f) {
    this.W = W;
    this.f = f;
  }

  public double[][][] weights() {
    return W;
  }

  /** f of a layer. */
  public ReferenceTransfer transfer(int layer) {
    return f[layer];
  }

  public int layers() {
    return W.length;
  }

  public int outputs() {
    return W[W.length - 1].length;
  }

  /**
   * What one datapoint left behind.
   *
   * @param input ā that entered layer l, with its 1
   * @param h pre-activations of layer l
   * @param derivative f'(h) of layer l
   */
  public record Pass(double[][] input, double[][] h, double[][] derivative) {
    public double[] output() {
      return h[h.length - 1];
    }
  }

  /**
   * Runs one datapoint.
   *
   * @param x d_0 inputs, without the 1
   */
  public Pass forward(double[] x) {
    double[][] input = new double[W.length][];
    double[][] h = new double[W.length][];
    double[][] derivative = new double[W.length][];
    double[] a = x;
    for (int l = 0; l < W.length; l++) {
      input[l] = Arrays.copyOf(a, a.length + 1);
      input[l][a.length] = 1;
      h[l] = Algebra.multiply(W[l], input[l]);
      derivative[l] = new double[h[l].length];
      a = new double[h[l].length];
      for (int i = 0; i < a.length; i++) {
        a[i] = f[l].f(h[l][i]);
        derivative[l][i] = f[l].first(h[l][i]);
      }
    }
    return new Pass(input, h, derivative);
  }

  /** δ_l = ∂E/∂h_l of one datapoint, given ∂E/∂h_L. */
  public double[][] backward(Pass pass, double[] outputGradient) {
    double[][] delta = new double[W.length][];
    delta[W.length - 1] = outputGradient;
    for (int l = W.length - 1; l > 0; l--) {
      delta[l - 1] = new double[W[l - 1].length];
      for (int i = 0; i < delta[l - 1].length; i++) {
        double sum = 0;
        for (int o = 0; o < W[l].length; o++) {
          sum += W[l][o][i] * delta[l][o];
        }
        delta[l - 1][i] = sum * pass.derivative()[l - 1][i];
      }
    }
    return delta;
  }

  /** ∂h_L/∂h_l of one datapoint, [d_L][d_l]: the product of the layers above l. */
  public double[][] jacobian(Pass pass, int layer) {
    double[][] J = Algebra.identity(outputs());
    for (int l = W.length - 1; l > layer; l--) {
      J = Algebra.multiply(J, Algebra.withoutLastColumn(W[l]));
      for (double[] row : J) {
        for (int i = 0; i < row.length; i++) {
          row[i] *= pass.derivative()[l - 1][i];
        }
      }
    }
    return J;
  }

  /**
   * J Δ of one datapoint: how the output moves along a direction in the weights, as the sum over
   * the layers.
   */
  public double[] tangent(Pass pass, double[][][] direction) {
    double[] v = new double[outputs()];
    for (int l = 0; l < W.length; l++) {
      double[] moved =
          Algebra.multiply(jacobian(pass, l), Algebra.multiply(direction[l], pass.input()[l]));
      for (int i = 0; i < v.length; i++) {
        v[i] += moved[i];
      }
    }
    return v;
  }

  /** Mean loss of a batch. */
  public double loss(double[][] X, double[][] T, ReferenceLoss loss) {
    double sum = 0;
    for (int n = 0; n < X.length; n++) {
      sum += loss.value(forward(X[n]).output(), T[n]);
    }
    return sum / X.length;
  }

  /** Gradient of the mean loss of a batch. */
  public double[][][] gradient(double[][] X, double[][] T, ReferenceLoss loss) {
    return gradient(X, T, loss, false);
  }

  /**
   * The same sum with every term taken absolute: what rounding errors of the gradient are measured
   * against.
   */
  public double[][][] gradientScale(double[][] X, double[][] T, ReferenceLoss loss) {
    return gradient(X, T, loss, true);
  }

  private double[][][] gradient(double[][] X, double[][] T, ReferenceLoss loss, boolean absolute) {
    double[][][] sum = new double[W.length][][];
    for (int l = 0; l < W.length; l++) {
      sum[l] = Algebra.zeros(W[l].length, W[l][0].length);
    }
    for (int n = 0; n < X.length; n++) {
      Pass pass = forward(X[n]);
      double[][] delta = backward(pass, loss.gradient(pass.output(), T[n]));
      for (int l = 0; l < W.length; l++) {
        for (int i = 0; i < delta[l].length; i++) {
          for (int j = 0; j < pass.input()[l].length; j++) {
            double term = delta[l][i] * pass.input()[l][j] / X.length;
            sum[l][i][j] += absolute ? Math.abs(term) : term;
          }
        }
      }
    }
    return sum;
  }

  /** ‖θ‖², biases included. */
  public double norm2() {
    double sum = 0;
    for (double[][] matrix : W) {
      sum += Algebra.dot(matrix, matrix);
    }
    return sum;
  }

  /** |W|, as a new network. */
  ReferenceNetwork absolute() {
    double[][][] absolute = new double[W.length][][];
    for (int l = 0; l < W.length; l++) {
      absolute[l] = Algebra.absolute(W[l]);
    }
    return new ReferenceNetwork(absolute, f);
  }

  /** W + alpha D, as a new network. */
  public ReferenceNetwork moved(double alpha, double[][][] D) {
    double[][][] moved = new double[W.length][][];
    for (int l = 0; l < W.length; l++) {
      moved[l] = Algebra.combine(1, W[l], alpha, D[l]);
    }
    return new ReferenceNetwork(moved, f);
  }
}
