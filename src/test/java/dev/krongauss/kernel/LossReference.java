package dev.krongauss.kernel;

import dev.krongauss.kernel.Loss.Kind;

/**
 * The losses of one datapoint in double, from their textbook formulas, with the errors a float
 * computation may make. No probability is one minus another: of softmax the complement is the sum
 * of the others.
 *
 * <p>Units of the factors are {@link Wanted#EPSILON}. Taken as given: expf and logf are right to 1
 * ulp = 2 eps (CUDA's own claim), +, *, /, sqrt and fma are rounded correctly. A sum of d
 * non-negative terms over 32 lanes, one element at a time in the worst layout, is right to {@link
 * #sumFactor} relative to itself.
 */
final class LossReference {
  private static final double EXP = 2;

  private final Kind kind;
  private final double[] h;
  private final double maximum;
  private final int winner;
  private final double rest; // sum of e^{h - max h} over all but the winner
  private final double below; // sum e^{h - max h} (max h - h): how rounding of h - max h reaches it

  LossReference(Kind kind, Host logits, int row) {
    this.kind = kind;
    h = new double[logits.columns()];
    int greatest = 0;
    for (int j = 0; j < h.length; j++) {
      h[j] = logits.at(row, j);
      greatest = h[j] > h[greatest] ? j : greatest;
    }
    winner = greatest;
    maximum = h[winner];
    rest = sumOfOthers(winner, 0);
    below = sumOfOthers(winner, 1);
  }

  /** Σ_{k≠j} e^{h_k − max h} (max h − h_k)^power. */
  private double sumOfOthers(int j, int power) {
    double sum = 0;
    for (int k = 0; k < h.length; k++) {
      double e = k == j ? 0 : Math.exp(h[k] - maximum);
      sum += e == 0 ? 0 : e * Math.pow(maximum - h[k], power);
    }
    return sum;
  }

  private double total() {
    return 1 + rest;
  }

  /** The output with the greatest logit, the first of several. */
  int winner() {
    return winner;
  }

  /** d / 32 additions in a lane, then trees of depth at most 5 + 8; adding a zero is exact. */
  static double sumFactor(int d) {
    return Math.min(d - 1, d / 32.0 + 13);
  }

  /** Relative error of the rest: of each exponential, and of their sum. */
  private double restFactor() {
    return (rest == 0 ? 0 : below / rest) + EXP + sumFactor(h.length);
  }

  private double totalFactor() {
    return below / total() + EXP + sumFactor(h.length) + 1;
  }

  /** Mean of the target: h, sigma(h), softmax(h). */
  double mean(int j) {
    return switch (kind) {
      case SQUARED -> h[j];
      case BERNOULLI -> sigma(h[j]);
      case SOFTMAX -> Math.exp(h[j] - maximum) / total();
    };
  }

  /** Relative error of the mean. e / (1 + e) is conditioned no worse than 1. */
  double meanFactor(int j) {
    return switch (kind) {
      case SQUARED -> 0;
      case BERNOULLI -> EXP + 3;
      case SOFTMAX -> maximum - h[j] + EXP + totalFactor() + 2;
    };
  }

  /** Softmax' 1 − p: the sum of the others, of which the winner is one unless it is j. */
  double complement(int j) {
    return (j == winner ? rest : 1 + (rest - Math.exp(h[j] - maximum))) / total();
  }

  /**
   * Relative error of 1 − p: of the quotient of rest and total, or of the difference with a p ≤
   * 1/2; where the winner's p is about 1/2 it may be either.
   */
  double complementFactor(int j) {
    double quotient = restFactor() + totalFactor() + 2;
    double difference = meanFactor(j) * mean(j) / complement(j) + 1;
    return j != winner || rest > 1.01
        ? difference
        : rest < 0.99 ? quotient : Math.max(quotient, difference);
  }

  /** The diagonal weight w of the Hessian diag(w) - [softmax] w wᵀ. */
  double weight(int j) {
    return switch (kind) {
      case SQUARED -> 1;
      case BERNOULLI -> sigma(h[j]) * sigma(-h[j]);
      case SOFTMAX -> mean(j);
    };
  }

  double weightFactor(int j) {
    return kind == Kind.BERNOULLI ? EXP + 7 : kind == Kind.SQUARED ? 0 : meanFactor(j);
  }

  /** sqrt(w), in a form that does not underflow. */
  double root(int j) {
    return switch (kind) {
      case SQUARED -> 1;
      case BERNOULLI -> 1 / (Math.exp(h[j] / 2) + Math.exp(-h[j] / 2));
      case SOFTMAX -> Math.exp((h[j] - maximum) / 2) / Math.sqrt(total());
    };
  }

  double rootFactor(int j) {
    return switch (kind) {
      case SQUARED -> 0;
      case BERNOULLI -> EXP + 4;
      case SOFTMAX -> (maximum - h[j]) / 2 + EXP + totalFactor() / 2 + 3;
    };
  }

  Wanted gradient(int j, double t) {
    return switch (kind) {
      case SQUARED -> Wanted.within(h[j] - t, 1, Math.abs(h[j] - t));
      case BERNOULLI -> {
        // sigma(h) - t = sigma(h) (1 - t) - sigma(-h) t; the float form is (1 - t) - sigma(-h) or
        // its mirror image
        double value = sigma(h[j]) * (1 - t) - sigma(-h[j]) * t;
        double unlikely = h[j] >= 0 ? 1 - t : t;
        yield Wanted.within(value, EXP + 5, unlikely + sigma(-Math.abs(h[j])));
      }
      case SOFTMAX -> {
        // p (1 - t) - t (1 - p); the float form is (1 - t) - (1 - p) for a p above 1/2, else p - t
        double value = mean(j) * (1 - t) - t * complement(j);
        double difference = meanFactor(j) * mean(j);
        double mirrored = complementFactor(j) * complement(j) + (1 - t);
        boolean likely = j == winner && rest < 0.99;
        boolean either = j == winner && rest >= 0.99 && rest < 1.01;
        double error = likely ? mirrored : either ? Math.max(mirrored, difference) : difference;
        yield Wanted.within(value, 1, error + Math.abs(value));
      }
    };
  }

  Wanted value(Host t, int row) {
    int d = h.length;
    double sum = 0;
    double error = 0;
    for (int j = 0; j < d; j++) {
      double target = t.at(row, j);
      switch (kind) {
        case SQUARED -> {
          double term = (h[j] - target) * (h[j] - target) / 2;
          sum += term;
          error += term * (4 + sumFactor(d));
        }
        case BERNOULLI -> {
          double term = weighted(target, softplus(-h[j])) + weighted(1 - target, softplus(h[j]));
          sum += term;
          // u |h|: u and the product; log1p(e): 3 of its own, and what expf does to it, conditioned
          // better than 1
          error += 2 * (h[j] >= 0 ? 1 - target : target) * Math.abs(h[j]);
          error += (3 + EXP) * Math.log1p(Math.exp(-Math.abs(h[j]))) + term * (1 + sumFactor(d));
        }
        case SOFTMAX -> {
          double term = weighted(target, maximum - h[j]);
          sum += term;
          error += term * (3 + sumFactor(d));
        }
      }
    }
    if (kind == Kind.SOFTMAX) {
      // the logarithm is conditioned better than 1; 3 of its own, and 1 + rest rounded where rest >
      // 1
      double log = Math.log1p(rest);
      sum += log;
      error += (restFactor() + 5) * log + sum;
    }
    return Wanted.within(sum, 1, error);
  }

  /** v_j, of softmax the difference from the winner's: H v is the same. */
  private double shifted(Host v, int row, int j) {
    return kind == Kind.SOFTMAX ? v.at(row, j) - v.at(row, winner) : v.at(row, j);
  }

  /** Softmax' mean of the shifted v, Σ p_j (v_j − v_winner); 0 for the others. */
  private Wanted centre(Host v, int row) {
    double sum = 0;
    double error = 0;
    for (int j = 0; kind == Kind.SOFTMAX && j < h.length; j++) {
      double term = mean(j) * shifted(v, row, j);
      sum += term;
      error += Math.abs(term) * (meanFactor(j) + sumFactor(h.length) + 3);
    }
    return Wanted.within(sum, 1, error);
  }

  /** All elements of H v. */
  Wanted[] curvatureVector(Host v, int row) {
    Wanted centre = centre(v, row);
    Wanted[] u = new Wanted[h.length];
    for (int j = 0; j < u.length; j++) {
      double y = shifted(v, row, j);
      double value = weight(j) * (y - centre.value());
      double error =
          Math.abs(value) * (weightFactor(j) + 2)
              + (kind == Kind.SOFTMAX ? weight(j) * Math.abs(y) : 0);
      u[j] =
          new Wanted(value, error * Wanted.EPSILON + 2 * weight(j) * centre.bound() + Wanted.TINY);
    }
    return u;
  }

  /** vᵀ H v. */
  Wanted hessianProduct(Host v, int row) {
    int d = h.length;
    double centre = centre(v, row).value();
    double centreError = kind == Kind.SOFTMAX ? centre(v, row).bound() : 0;
    double sum = 0;
    double error = 0;
    double deviationError = 0;
    for (int j = 0; j < d; j++) {
      double shifted = shifted(v, row, j);
      double y = shifted - centre;
      double term = weight(j) * y * y;
      sum += term;
      error += term * (weightFactor(j) + sumFactor(d) + 6);
      error += kind == Kind.SOFTMAX ? 2 * weight(j) * Math.abs(y * shifted) : 0;
      deviationError += weight(j) * Math.abs(y) * (weightFactor(j) + 2);
    }
    // a wrong centre enters squared, since sum p (v - centre) is 0 up to rounding
    double fromCentre =
        centreError * centreError + 2 * centreError * deviationError * Wanted.EPSILON;
    return new Wanted(sum, error * Wanted.EPSILON + 2 * fromCentre + Wanted.TINY);
  }

  static double sigma(double x) {
    return x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x));
  }

  static double softplus(double x) {
    return x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x));
  }

  private static double weighted(double weight, double x) {
    return weight == 0 ? 0 : weight * x;
  }
}
