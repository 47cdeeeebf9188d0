package dev.krongauss.reference;

import static dev.krongauss.reference.ReferenceTransfer.logistic;

/** The losses of one datapoint: E(h, t), its gradient and its Hessian in h. */
public enum ReferenceLoss {
  /** ½‖h − t‖². */
  SQUARED {
    @Override
    public double value(double[] h, double[] t) {
      double sum = 0;
      for (int i = 0; i < h.length; i++) {
        sum += 0.5 * (h[i] - t[i]) * (h[i] - t[i]);
      }
      return sum;
    }

    @Override
    public double[] mean(double[] h) {
      return h.clone();
    }

    @Override
    public double[][] hessian(double[] h) {
      return Algebra.identity(h.length);
    }
  },

  /** Cross-entropy of independent bits, Σ softplus(h) − t h. */
  BERNOULLI {
    @Override
    public double value(double[] h, double[] t) {
      double sum = 0;
      for (int i = 0; i < h.length; i++) {
        sum += Math.max(h[i], 0) + Math.log1p(Math.exp(-Math.abs(h[i]))) - t[i] * h[i];
      }
      return sum;
    }

    @Override
    public double[] mean(double[] h) {
      double[] p = new double[h.length];
      for (int i = 0; i < h.length; i++) {
        p[i] = logistic(h[i]);
      }
      return p;
    }

    @Override
    public double[][] hessian(double[] h) {
      double[][] H = Algebra.zeros(h.length, h.length);
      for (int i = 0; i < h.length; i++) {
        H[i][i] = logistic(h[i]) * logistic(-h[i]);
      }
      return H;
    }
  },

  /** Cross-entropy of one class, logsumexp(h) Σ t − t·h; targets sum to 1. */
  SOFTMAX {
    @Override
    public double value(double[] h, double[] t) {
      double most = Double.NEGATIVE_INFINITY;
      for (double value : h) {
        most = Math.max(most, value);
      }
      double sum = 0;
      double product = 0;
      for (int i = 0; i < h.length; i++) {
        sum += Math.exp(h[i] - most);
        product += t[i] * h[i];
      }
      return most + Math.log(sum) - product;
    }

    @Override
    public double[] mean(double[] h) {
      double[] p = new double[h.length];
      for (int i = 0; i < h.length; i++) {
        double sum = 0;
        for (double other : h) {
          sum += Math.exp(other - h[i]);
        }
        p[i] = 1 / sum;
      }
      return p;
    }

    @Override
    public double[][] hessian(double[] h) {
      double[] p = mean(h);
      double[][] H = Algebra.scale(-1, Algebra.outer(p, p));
      for (int i = 0; i < h.length; i++) {
        H[i][i] += p[i];
      }
      return H;
    }

    @Override
    public double[][] squareRoot(double[] h) {
      double[] p = mean(h);
      double[][] C = Algebra.zeros(h.length, h.length);
      for (int i = 0; i < h.length; i++) {
        for (int k = 0; k < h.length; k++) {
          C[i][k] = (i == k ? Math.sqrt(p[i]) : 0) - p[i] * Math.sqrt(p[k]);
        }
      }
      return C;
    }
  };

  public abstract double value(double[] h, double[] t);

  /** What the output predicts: its gradient is this minus the target, for each of these losses. */
  public abstract double[] mean(double[] h);

  /** ∂²E/∂h². */
  public abstract double[][] hessian(double[] h);

  /** ∂E/∂h. */
  public double[] gradient(double[] h, double[] t) {
    double[] gradient = mean(h);
    for (int i = 0; i < h.length; i++) {
      gradient[i] -= t[i];
    }
    return gradient;
  }

  /** C with C Cᵀ = hessian(h), columns k. */
  public double[][] squareRoot(double[] h) {
    double[][] C = hessian(h);
    for (int i = 0; i < h.length; i++) {
      C[i][i] = Math.sqrt(C[i][i]);
    }
    return C;
  }
}
