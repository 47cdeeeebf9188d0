package dev.krongauss.reference;

/** Factors and Gauss-Newton blocks of one batch, from their definitions. */
public final class ReferenceCurvature {
  private final ReferenceNetwork network;
  private final double[][] X;
  private final OfDatapoint outputCurvature;

  public ReferenceCurvature(ReferenceNetwork network, double[][] X, ReferenceLoss loss) {
    this(network, X, n -> loss.hessian(network.forward(X[n]).output()));
  }

  /**
   * With any curvature at the output.
   *
   * @param outputCurvature H_L of each datapoint
   */
  public ReferenceCurvature(ReferenceNetwork network, double[][] X, OfDatapoint outputCurvature) {
    this.network = network;
    this.X = X;
    this.outputCurvature = outputCurvature;
  }

  /** 1/N Σ ā āᵀ. */
  public double[][] Q(int layer) {
    return mean(
        n -> {
          double[] a = network.forward(X[n]).input()[layer];
          return Algebra.outer(a, a);
        });
  }

  /** Pre-activation Gauss-Newton of one datapoint, Jᵀ H J with J = ∂h_L/∂h_l. */
  public double[][] preActivation(int n, int layer) {
    ReferenceNetwork.Pass pass = network.forward(X[n]);
    double[][] J = network.jacobian(pass, layer);
    return Algebra.multiply(Algebra.transpose(J), Algebra.multiply(outputCurvature.at(n), J));
  }

  /** KFLR: the average of the pre-activation Gauss-Newton over the datapoints. */
  public double[][] kflr(int layer) {
    return mean(n -> preActivation(n, layer));
  }

  /** KFRA: starts from the mean output Hessian; Ḡ_l = (Wᵀ Ḡ_{l+1} W) ∘ 1/N Σ b bᵀ. */
  public double[][] kfra(int layer) {
    if (layer == network.layers() - 1) {
      return mean(outputCurvature);
    }
    double[][] W = Algebra.withoutLastColumn(network.weights()[layer + 1]);
    double[][] back = Algebra.multiply(Algebra.transpose(W), Algebra.multiply(kfra(layer + 1), W));
    double[][] moment =
        mean(
            n -> {
              double[] b = network.forward(X[n]).derivative()[layer];
              return Algebra.outer(b, b);
            });
    return Algebra.hadamard(back, moment);
  }

  /**
   * KFAC: the average of δ δᵀ, δ being the gradient at a sampled target.
   *
   * @param sampled ∂E/∂h_L at the sampled targets, [N][d_L]
   */
  public double[][] kfac(int layer, double[][] sampled) {
    return mean(
        n -> {
          double[] delta = network.backward(network.forward(X[n]), sampled[n])[layer];
          return Algebra.outer(delta, delta);
        });
  }

  /** Exact Gauss-Newton block of a layer, 1/N Σ 𝒢 ⊗ ā āᵀ, for weights numbered row by row. */
  public double[][] exactBlock(int layer) {
    return mean(
        n -> {
          double[] a = network.forward(X[n]).input()[layer];
          return Algebra.kronecker(preActivation(n, layer), Algebra.outer(a, a));
        });
  }

  /** Trace of {@link #exactBlock}. */
  public double exactTrace(int layer) {
    double sum = 0;
    for (int n = 0; n < X.length; n++) {
      double[] a = network.forward(X[n]).input()[layer];
      double[][] row = {a};
      sum += Algebra.trace(preActivation(n, layer)) * Algebra.dot(row, row);
    }
    return sum / X.length;
  }

  /** Δᵀ (exact Gauss-Newton of the batch) Δ = 1/N Σ vᵀ H v with v = J Δ. */
  public double quadratic(double[][][] direction) {
    return bilinear(direction, direction);
  }

  /** Δᵀ (exact Gauss-Newton of the batch) V. */
  public double bilinear(double[][][] direction, double[][][] other) {
    double sum = 0;
    for (int n = 0; n < X.length; n++) {
      ReferenceNetwork.Pass pass = network.forward(X[n]);
      double[] v = network.tangent(pass, direction);
      double[] w = network.tangent(pass, other);
      double[] Hw = Algebra.multiply(outputCurvature.at(n), w);
      for (int i = 0; i < v.length; i++) {
        sum += v[i] * Hw[i];
      }
    }
    return sum / X.length;
  }

  private double[][] mean(OfDatapoint matrix) {
    double[][] sum = matrix.at(0);
    for (int n = 1; n < X.length; n++) {
      sum = Algebra.combine(1, sum, 1, matrix.at(n));
    }
    return Algebra.scale(1.0 / X.length, sum);
  }

  /** A matrix for every datapoint. */
  public interface OfDatapoint {
    double[][] at(int n);
  }
}
