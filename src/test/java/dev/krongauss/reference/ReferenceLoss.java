package dev.krongauss.reference;

import static dev.krongauss.reference.ReferenceTransfer.logistic;

/**
 * The losses of one datapoint: E(h, t), its gradient and its Hessian in h. No probability is one
 * minus another, and no value a difference of logits: a confident output keeps its digits.
 */
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
        sum += t[i] * softplus(-h[i]) + (1 - t[i]) * softplus(h[i]);
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
    double complement(double[] h, int i) {
      return logistic(-h[i]);
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

  /** Cross-entropy of one class, logsumexp(h) − t·h = Σ t_i log Σ_k e^{h_k − h_i}; Σ t = 1. */
  SOFTMAX {
    @Override
    public double value(double[] h, double[] t) {
      int most = 0;
      for (int i = 0; i < h.length; i++) {
        most = h[i] > h[most] ? i : most;
      }
      double rest = 0;
      double sum = 0;
      for (int i = 0; i < h.length; i++) {
        rest += i == most ? 0 : Math.exp(h[i] - h[most]);
        sum += t[i] * (h[most] - h[i]);
      }
      return sum + Math.log1p(rest);
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
    double complement(double[] h, int i) {
      double[] p = mean(h);
      double sum = 0;
      for (int k = 0; k < h.length; k++) {
        sum += k == i ? 0 : p[k];
      }
      return sum;
    }

    @Override
    public double[][] hessian(double[] h) {
      double[] p = mean(h);
      double[][] H = Algebra.scale(-1, Algebra.outer(p, p));
      for (int i = 0; i < h.length; i++) {
        H[i][i] = p[i] * complement(h, i);
      }
      return H;
    }

    @Override
    public double[][] squareRoot(double[] h) {
      double[] p = mean(h);
      double[][] C = Algebra.zeros(h.length, h.length);
      for (int i = 0; i < h.length; i++) {
        for (int k = 0; k < h.length; k++) {
          C[i][k] = Math.sqrt(p[k]) * (i == k ? complement(h, i) : -p[i]);
        }
      }
      return C;
    }
  };

  public abstract double value(double[] h, double[] t);

  /** What the output predicts: its gradient is this minus the target, for each of these losses. */
  public abstract double[] mean(double[] h);

  /** One minus the mean, where that is a probability: that of all other outcomes. */
  double complement(double[] h, int i) {
    return 1 - mean(h)[i];
  }

  /** ∂²E/∂h². */
  public abstract double[][] hessian(double[] h);

  /** ∂E/∂h. */
  public double[] gradient(double[] h, double[] t) {
    double[] gradient = mean(h);
    for (int i = 0; i < h.length; i++) {
      gradient[i] =
          this == SQUARED ? gradient[i] - t[i] : gradient[i] * (1 - t[i]) - t[i] * complement(h, i);
    }
    return gradient;
  }

  private static double softplus(double x) {
    return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
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
