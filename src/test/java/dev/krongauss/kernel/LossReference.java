package dev.krongauss.kernel;

import dev.krongauss.kernel.Loss.Kind;

/**
 * The losses of one datapoint in double, from their textbook formulas, with the errors a float
 * computation may make.
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
  private final double total;
  private final double
      meanBelow; // sum p (max h - h): how the rounding of h - max h reaches the total

  LossReference(Kind kind, Host logits, int row) {
    this.kind = kind;
    h = new double[logits.columns()];
    double largest = Double.NEGATIVE_INFINITY;
    for (int j = 0; j < h.length; j++) {
      h[j] = logits.at(row, j);
      largest = Math.max(largest, h[j]);
    }
    maximum = largest;
    double sum = 0;
    double below = 0;
    for (double x : h) {
      double e = Math.exp(x - maximum);
      sum += e;
      below += e == 0 ? 0 : e * (maximum - x);
    }
    total = sum;
    meanBelow = below / sum;
  }

  /** d / 32 additions in a lane, then trees of depth at most 5 + 8; adding a zero is exact. */
  static double sumFactor(int d) {
    return Math.min(d - 1, d / 32.0 + 13);
  }

  private double totalFactor() {
    return meanBelow + EXP + sumFactor(h.length);
  }

  /** Mean of the target: h, sigma(h), softmax(h). */
  double mean(int j) {
    return switch (kind) {
      case SQUARED -> h[j];
      case BERNOULLI -> sigma(h[j]);
      case SOFTMAX -> Math.exp(h[j] - maximum) / total;
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
      case SOFTMAX -> Math.exp((h[j] - maximum) / 2) / Math.sqrt(total);
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
        double value = mean(j) - t;
        yield Wanted.within(value, 1, meanFactor(j) * mean(j) + Math.abs(value));
      }
    };
  }

  Wanted value(Host t, int row) {
    int d = h.length;
    double sum = 0;
    double error = 0;
    double largestLogit = 0;
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
          sum -= weighted(target, h[j]);
          error += weighted(target, maximum - h[j]) * (3 + sumFactor(d));
          largestLogit = Math.max(largestLogit, Math.abs(h[j]));
        }
      }
    }
    if (kind == Kind.SOFTMAX) {
      sum += maximum + Math.log(total);
      error += totalFactor() + 5 * Math.log(total) + sum;
      error += largestLogit * d * 0x1p-28; // this reference's own cancellation, in double
    }
    return Wanted.within(sum, 1, error);
  }

  /** vᵀ H v. */
  Wanted hessianProduct(Host v, int row) {
    int d = h.length;
    double centre = 0;
    double centreError = 0;
    if (kind == Kind.SOFTMAX) {
      for (int j = 0; j < d; j++) {
        centre += mean(j) * v.at(row, j);
        centreError += mean(j) * Math.abs(v.at(row, j)) * (meanFactor(j) + sumFactor(d) + 2);
      }
      centreError *= Wanted.EPSILON;
    }
    double sum = 0;
    double error = 0;
    double deviationError = 0;
    for (int j = 0; j < d; j++) {
      double y = v.at(row, j) - centre;
      double term = weight(j) * y * y;
      sum += term;
      error += term * (weightFactor(j) + sumFactor(d) + 5);
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
