package dev.krongauss.reference;

import java.util.Arrays;
import java.util.function.IntFunction;

/**
 * Exact second derivatives of a batch's mean loss, one datapoint at a time: the pre-activation
 * recursions, blocks in vec(W) with the weights stacked column by column, and products with the
 * whole matrices.
 *
 * <p>The product with the Hessian is the gradient computed with dual numbers x + ε ẋ, step by step,
 * which shares nothing with the recursion of the blocks.
 */
public final class ReferenceSecondOrder {
  private final ReferenceNetwork network;
  private final ReferenceNetwork.Pass[] pass;
  private final double[][][] second;
  private final double[][] outputGradient;
  private final double[][][] outputHessian;

  /** Of a batch X [N][d_0], T [N][d_L]. */
  public ReferenceSecondOrder(
      ReferenceNetwork network, double[][] X, double[][] T, ReferenceLoss loss) {
    this(
        network,
        X,
        n -> loss.gradient(network.forward(X[n]).output(), T[n]),
        n -> loss.hessian(network.forward(X[n]).output()));
  }

  /**
   * Of a batch X [N][d_0] whose loss is known by its derivatives at the output.
   *
   * @param gradient ∂E/∂h_L of each datapoint
   * @param hessian ∂²E/∂h_L², or its Gauss-Newton part, of each datapoint
   */
  public ReferenceSecondOrder(
      ReferenceNetwork network,
      double[][] X,
      IntFunction<double[]> gradient,
      ReferenceCurvature.OfDatapoint hessian) {
    this(network, X.length);
    for (int n = 0; n < pass.length; n++) {
      pass[n] = network.forward(X[n]);
      second[n] = new double[network.layers()][];
      for (int l = 0; l < network.layers(); l++) {
        ReferenceTransfer f = network.transfer(l);
        second[n][l] = Arrays.stream(pass[n].h()[l]).map(f::second).toArray();
      }
      outputGradient[n] = gradient.apply(n);
      outputHessian[n] = hessian.at(n);
    }
  }

  private ReferenceSecondOrder(ReferenceNetwork network, int N) {
    this.network = network;
    this.pass = new ReferenceNetwork.Pass[N];
    this.second = new double[N][][];
    this.outputGradient = new double[N][];
    this.outputHessian = new double[N][][];
  }

  /**
   * The same with every number taken absolute: its results are the sums of the absolute terms of
   * the results here, against which their rounding errors are measured.
   */
  public ReferenceSecondOrder absolute() {
    int N = pass.length;
    ReferenceSecondOrder twin = new ReferenceSecondOrder(network.absolute(), N);
    for (int n = 0; n < N; n++) {
      twin.pass[n] =
          new ReferenceNetwork.Pass(
              Algebra.absolute(pass[n].input()),
              pass[n].h(),
              Algebra.absolute(pass[n].derivative()));
      twin.second[n] = Algebra.absolute(second[n]);
      twin.outputGradient[n] = Algebra.absolute(new double[][] {outputGradient[n]})[0];
      twin.outputHessian[n] = Algebra.absolute(outputHessian[n]);
    }
    return twin;
  }

  /** Jᵀ H_L J with J = ∂h_L/∂h_l of one datapoint. */
  public double[][] gaussNewton(int n, int layer) {
    double[][] J = network.jacobian(pass[n], layer);
    return Algebra.multiply(Algebra.transpose(J), Algebra.multiply(outputHessian[n], J));
  }

  /** ∂²E/∂h_l² of one datapoint: B Wᵀ ℋ_{l+1} W B + diag(f''(h_l) ∘ Wᵀ δ_{l+1}). */
  public double[][] hessian(int n, int layer) {
    if (layer == network.layers() - 1) {
      return outputHessian[n];
    }
    double[] b = pass[n].derivative()[layer];
    double[] delta = network.backward(pass[n], outputGradient[n])[layer + 1];
    double[][] W = Algebra.withoutLastColumn(network.weights()[layer + 1]);
    double[][] H =
        Algebra.multiply(Algebra.transpose(W), Algebra.multiply(hessian(n, layer + 1), W));
    double[] back = Algebra.multiply(Algebra.transpose(W), delta);
    for (int i = 0; i < H.length; i++) {
      for (int j = 0; j < H.length; j++) {
        H[i][j] *= b[i] * b[j];
      }
      H[i][i] += back[i] * second[n][layer][i];
    }
    return H;
  }

  /** The Hessian block of a layer in vec(W): 1/N Σ ā āᵀ ⊗ ℋ. */
  public double[][] hessianBlock(int layer) {
    return block(layer, n -> hessian(n, layer));
  }

  /** The Gauss-Newton block of a layer in vec(W). */
  public double[][] gaussNewtonBlock(int layer) {
    return block(layer, n -> gaussNewton(n, layer));
  }

  /** 1/N Σ ℋ. */
  public double[][] meanHessian(int layer) {
    return mean(n -> hessian(n, layer));
  }

  /** 1/N Σ 𝒢. */
  public double[][] meanGaussNewton(int layer) {
    return mean(n -> gaussNewton(n, layer));
  }

  private double[][] block(int layer, OfDatapoint matrix) {
    return mean(
        n -> {
          double[] a = pass[n].input()[layer];
          return Algebra.kronecker(Algebra.outer(a, a), matrix.at(n));
        });
  }

  private double[][] mean(OfDatapoint matrix) {
    double[][] sum = matrix.at(0);
    for (int n = 1; n < pass.length; n++) {
      sum = Algebra.combine(1, sum, 1, matrix.at(n));
    }
    return Algebra.scale(1.0 / pass.length, sum);
  }

  /** (1/N Σ Jᵀ H_L J) Δ: the gradient for output gradients H_L J Δ. */
  public double[][][] gaussNewtonProduct(double[][][] direction) {
    double[][][] sum = zeros();
    for (int n = 0; n < pass.length; n++) {
      double[] curved = Algebra.multiply(outputHessian[n], network.tangent(pass[n], direction));
      double[][] delta = network.backward(pass[n], curved);
      for (int l = 0; l < sum.length; l++) {
        double[][] term = Algebra.outer(delta[l], pass[n].input()[l]);
        sum[l] = Algebra.combine(1, sum[l], 1.0 / pass.length, term);
      }
    }
    return sum;
  }

  /** (Hessian of the mean loss) Δ: how the gradient changes along Δ, by dual numbers. */
  public double[][][] hessianProduct(double[][][] direction) {
    double[][][] sum = zeros();
    for (int n = 0; n < pass.length; n++) {
      addDual(sum, n, direction);
    }
    return sum;
  }

  private void addDual(double[][][] sum, int n, double[][][] direction) {
    int L = network.layers();
    double[][] b = pass[n].derivative();
    double[][] inputDot = new double[L][];
    double[][] hDot = new double[L][];
    double[] aDot = new double[pass[n].input()[0].length - 1]; // the input does not change
    for (int l = 0; l < L; l++) {
      inputDot[l] = Arrays.copyOf(aDot, aDot.length + 1); // nor does the 1
      hDot[l] = product(network.weights()[l], direction[l], pass[n].input()[l], inputDot[l]);
      aDot = new double[hDot[l].length];
      for (int i = 0; i < aDot.length; i++) {
        aDot[i] = b[l][i] * hDot[l][i];
      }
    }
    double[] delta = outputGradient[n];
    double[] deltaDot = Algebra.multiply(outputHessian[n], hDot[L - 1]);
    for (int l = L - 1; l >= 0; l--) {
      for (int i = 0; i < delta.length; i++) {
        for (int j = 0; j < inputDot[l].length; j++) {
          double change = deltaDot[i] * pass[n].input()[l][j] + delta[i] * inputDot[l][j];
          sum[l][i][j] += change / pass.length;
        }
      }
      if (l > 0) {
        double[][] W = Algebra.transpose(Algebra.withoutLastColumn(network.weights()[l]));
        double[][] D = Algebra.transpose(Algebra.withoutLastColumn(direction[l]));
        double[] back = Algebra.multiply(W, delta);
        double[] backDot = product(W, D, delta, deltaDot);
        delta = new double[back.length];
        deltaDot = new double[back.length];
        for (int i = 0; i < back.length; i++) {
          delta[i] = back[i] * b[l - 1][i];
          deltaDot[i] = backDot[i] * b[l - 1][i] + back[i] * second[n][l - 1][i] * hDot[l - 1][i];
        }
      }
    }
  }

  /** The ε part of (A + ε Ȧ)(x + ε ẋ). */
  private static double[] product(double[][] A, double[][] ADot, double[] x, double[] xDot) {
    double[] moved = Algebra.multiply(ADot, x);
    double[] carried = Algebra.multiply(A, xDot);
    for (int i = 0; i < moved.length; i++) {
      moved[i] += carried[i];
    }
    return moved;
  }

  private double[][][] zeros() {
    double[][][] zeros = new double[network.layers()][][];
    for (int l = 0; l < zeros.length; l++) {
      double[][] W = network.weights()[l];
      zeros[l] = Algebra.zeros(W.length, W[0].length);
    }
    return zeros;
  }

  /** A matrix for every datapoint. */
  private interface OfDatapoint {
    double[][] at(int n);
  }
}
