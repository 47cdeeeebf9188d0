package dev.krongauss.train;

/** What the outputs of each of the classifying losses say; {@code NaN} is never right. */
final class Readings {
  private Readings() {}

  /** Each output is the log-odds of its own target. */
  static final class Bernoulli implements ClassTally.Reading {
    @Override
    public int rankings(int outputs) {
      return outputs;
    }

    @Override
    public double read(TargetRows targets, int row, float[] h, int at, double[] logOdds) {
      int right = 0;
      for (int k = 0; k < logOdds.length; k++) {
        logOdds[k] = h[at + k];
        right += onItsSide(logOdds[k], targets.target(row, k)) ? 1 : 0;
      }
      return (double) right / logOdds.length;
    }
  }

  /** log p₁ / p₀, where p₁ = σ(h₁) σ(h₂) + σ(−h₁) σ(h₃). */
  static final class Mixture implements ClassTally.Reading {
    @Override
    public int rankings(int outputs) {
      return 1;
    }

    @Override
    public double read(TargetRows targets, int row, float[] h, int at, double[] logOdds) {
      logOdds[0] =
          logProbability(h[at], h[at + 1], h[at + 2])
              - logProbability(h[at], -h[at + 1], -h[at + 2]);
      return onItsSide(logOdds[0], targets.target(row, 0)) ? 1 : 0;
    }

    private static double logProbability(double gate, double first, double second) {
      return logSum(
          logLogistic(gate) + logLogistic(first), logLogistic(-gate) + logLogistic(second));
    }
  }

  /** log p_k / (1 − p_k) = h_k − log Σ_{j ≠ k} e^(h_j), which ranks as p_k does. */
  static final class Softmax implements ClassTally.Reading {
    @Override
    public int rankings(int outputs) {
      return outputs;
    }

    @Override
    public double read(TargetRows targets, int row, float[] h, int at, double[] logOdds) {
      int classes = logOdds.length;
      int first = greatest(h, at, classes, -1);
      double all = sum(h, at, classes, -1, h[at + first]);
      for (int k = 0; k < classes; k++) {
        double gap = (double) h[at + k] - h[at + first];
        logOdds[k] = gap - Math.log(all - Math.exp(gap)); // of the others: at least 1
      }
      if (classes > 1) {
        int second = greatest(h, at, classes, first);
        double others = Math.log(sum(h, at, classes, first, h[at + second]));
        logOdds[first] = (double) h[at + first] - h[at + second] - others;
      }
      return !Double.isNaN(all) && first == targets.greatest(row) ? 1 : 0;
    }

    /** Σ e^(h_j − top) over all classes but one. */
    private static double sum(float[] h, int at, int classes, int but, double top) {
      double sum = 0;
      for (int k = 0; k < classes; k++) {
        sum += k == but ? 0 : Math.exp(h[at + k] - top);
      }
      return sum;
    }

    private static int greatest(float[] h, int at, int classes, int but) {
      int best = -1;
      for (int k = 0; k < classes; k++) {
        if (k != but && (best < 0 || h[at + k] > h[at + best])) {
          best = k;
        }
      }
      return best;
    }
  }

  /** Whether log-odds are on the side of a target, at a probability of 0.5. */
  private static boolean onItsSide(double logOdds, double target) {
    return !Double.isNaN(logOdds) && logOdds >= 0 == target >= 0.5;
  }

  private static double logLogistic(double x) {
    return x > 0 ? -Math.log1p(Math.exp(-x)) : x - Math.log1p(Math.exp(x));
  }

  private static double logSum(double a, double b) {
    double most = Math.max(a, b);
    return Double.isInfinite(most) ? most : most + Math.log1p(Math.exp(Math.min(a, b) - most));
  }
}
