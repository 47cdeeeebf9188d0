package dev.krongauss.optim;

import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.kernel.Operations;

/** Settings of {@link GaussNewton}, with the one set of defaults. */
final class GaussNewtonOptions {
  float lambda = 1e-3f;
  float gamma;
  float l2 = 1e-5f;
  // The paper's 0.9 an update, over the five updates from one refresh to the next.
  float decay = 0.6f;
  boolean adaptLambda = true;
  // Measured on MNIST and CURVES: below 1e-3 the factors' own error dominates and progress an
  // update falls.
  float leastLambda = 1e-3f;
  float greatestLambda = 1e8f;
  boolean rescaling = true;
  int refreshEvery = 5;
  int reductionEvery = 10;
  int mostRejected = 50;
  long budgetBytes = 256L << 20;
  long seed = 1;
  Operations.Mode mode;

  /** ω1 = (19/20)^T1. */
  float omega() {
    return (float) Math.pow(19.0 / 20.0, reductionEvery);
  }

  Operations operations(Device device) {
    return mode == null ? Operations.of(device) : new Operations(device, mode);
  }

  GaussNewtonOptions checked() {
    positive(lambda, "lambda", "1e-3");
    positive(leastLambda, "leastLambda", "1e-3");
    leastLambda = Math.min(leastLambda, lambda); // a start below the default floor is its own floor
    Check.that(
        gamma == 0 || (gamma > 0 && Float.isFinite(gamma)), "gamma %s must be positive", gamma);
    Check.that(
        l2 >= 0 && Float.isFinite(l2), "L2 weight %s must be at least 0, for example 1e-5", l2);
    Check.that(decay >= 0 && decay < 1, "decay %s is outside of [0, 1); the paper uses 0.9", decay);
    Check.that(refreshEvery >= 1, "refreshEvery %d must be at least 1", refreshEvery);
    Check.that(reductionEvery >= 1, "reductionEvery %d must be at least 1", reductionEvery);
    Check.that(mostRejected >= 0, "%d tolerated rejections must be at least 0", mostRejected);
    return this;
  }

  private static void positive(float value, String name, String example) {
    Check.that(
        value > 0 && Float.isFinite(value),
        "%s %s must be positive and finite, for example %s",
        name,
        value,
        example);
  }

  /** Setters of the builder, apart so that {@link GaussNewton} reads as the algorithm. */
  abstract static class Setters<T extends Setters<T>> {
    private final GaussNewtonOptions options = new GaussNewtonOptions();

    GaussNewtonOptions options() {
      return options;
    }

    @SuppressWarnings("unchecked")
    private T self() {
      return (T) this;
    }

    /** Start of λ, the damping of the quadratic model. */
    public T lambda(double value) {
      options.lambda = (float) value;
      return self();
    }

    /** Constant γ of the factors; without it γ = √(λ + η) follows λ. */
    public T gamma(double value) {
      Check.that(value > 0, "gamma %s must be positive", value);
      options.gamma = (float) value;
      return self();
    }

    /** Whether λ follows the reduction ratio (M&amp;G's rule, every T1 updates). */
    public T adaptLambda(boolean on) {
      options.adaptLambda = on;
      return self();
    }

    /**
     * Floor of the adapted λ; the default is 1e-3, or the start if that is lower. M&amp;G's rule
     * has none, but the factors' own error does not shrink as the quadratic model gets better.
     */
    public T leastLambda(double value) {
      options.leastLambda = (float) value;
      return self();
    }

    /** L2 weight η of the objective. */
    public T l2(double value) {
      options.l2 = (float) value;
      return self();
    }

    /**
     * Largest weight of the past in the factors' moving averages, per refresh; 0 for none. The
     * default 0.6 is the paper's 0.9 an update over the default of five updates a refresh.
     */
    public T decay(double value) {
      options.decay = (float) value;
      return self();
    }

    /** T3: factors and inverses are refreshed every so many updates. */
    public T refreshEvery(int updates) {
      options.refreshEvery = updates;
      return self();
    }

    /** T1: the reduction ratio is computed every so many updates. */
    public T reductionEvery(int updates) {
      options.reductionEvery = updates;
      return self();
    }

    /** Whether the step is rescaled by the exact Gauss-Newton matrix; if not, α = 1. */
    public T rescaling(boolean on) {
      options.rescaling = on;
      return self();
    }

    /** Rejected updates in a row that are tolerated before {@link Optimizer#step} throws. */
    public T mostRejected(int updates) {
      options.mostRejected = updates;
      return self();
    }

    /** Device memory for KFLR's chunks of C, in bytes. */
    public T budget(long bytes) {
      options.budgetBytes = bytes;
      return self();
    }

    /** Seed of KFAC's sampled targets. */
    public T seed(long value) {
      options.seed = value;
      return self();
    }

    /** Forces the kernels or the libraries. */
    public T operations(Operations.Mode mode) {
      options.mode = mode;
      return self();
    }
  }
}
