package dev.krongauss.optim;

import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.kernel.Control;
import dev.krongauss.kernel.Operations;
import dev.krongauss.model.Model;
import dev.krongauss.precondition.Preconditioner;

/** Settings of {@link GaussNewton}, with the one set of defaults. */
final class GaussNewtonOptions {
  float lambda = 1e-3f;
  float gamma;
  boolean adaptGamma;
  float leastGamma;
  int gammaEvery = 20;
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

  /** ω2 = √(19/20)^T2. */
  float omega2() {
    return (float) Math.pow(19.0 / 20.0, 0.5 * gammaEvery);
  }

  /** The least γ that its rule may choose: where γ follows λ, that is where λ's floor leads. */
  float gammaFloor() {
    double least = leastGamma != 0 ? leastGamma : Math.sqrt(leastLambda + l2);
    return (float) Math.max(least, Math.sqrt(l2));
  }

  float gammaCeiling() {
    return (float) Math.max(gammaFloor(), Math.sqrt(greatestLambda + l2));
  }

  /** Whether γ = √(λ + η) at every update. */
  boolean gammaFollows() {
    return gamma == 0 && !adaptGamma;
  }

  /** The scalar block before the first update. */
  float[] scalars() {
    float[] initial = new float[Control.SLOTS];
    float following = (float) Math.sqrt(lambda + l2);
    initial[Control.LAMBDA] = lambda;
    initial[Control.GAMMA] = gamma != 0 ? gamma : following;
    if (adaptGamma) {
      initial[Control.GAMMA] = Math.max(following, gammaFloor());
    }
    initial[Control.CURVATURE] = Float.NaN; // stays so where nothing asks for it
    initial[Control.RHO] = Float.NaN;
    return initial;
  }

  /** A preconditioner for the model's layers, its γ and its restarts those of the scalar block. */
  Preconditioner preconditioner(Model model, Scalars scalars) {
    Preconditioner.Builder builder =
        Preconditioner.on(model.device())
            .decay(decay)
            .gammaAt(scalars.at(Control.GAMMA))
            .restartAt(scalars.at(Control.REJECTED));
    if (mode != null) {
      builder.operations(mode);
    }
    for (Matrix W : model.parameters()) {
      builder.layer(W.columns(), W.rows());
    }
    return builder.build();
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
    Check.that(gammaEvery >= 1, "gammaEvery %d must be at least 1", gammaEvery);
    Check.that(
        gamma == 0 || !adaptGamma,
        "gamma is a constant %s and adapted at once; leave out gamma(...) or adaptGamma(true)",
        gamma);
    Check.that(
        adaptGamma || leastGamma == 0,
        "leastGamma %s bounds a gamma that is not adapted; add adaptGamma(true) or leave it out",
        leastGamma);
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

    /** Constant γ of the factors; without it γ = √(λ + η) follows λ, or is adapted. */
    public T gamma(double value) {
      Check.that(value > 0, "gamma %s must be positive", value);
      options.gamma = (float) value;
      return self();
    }

    /**
     * Whether γ has a rule of its own, M&amp;G's: every T2 updates γ, ω2 γ and γ/ω2 are tried, ω2 =
     * √(19/20)^T2, and the one is kept whose rescaled step has the lowest predicted change. Off by
     * default. Such an update factorises three times and refreshes the factors, too; T2 had better
     * be a multiple of T3. γ starts at √(λ + η) and never falls below √η. Not with {@link #gamma}.
     */
    public T adaptGamma(boolean on) {
      options.adaptGamma = on;
      return self();
    }

    /** T2: an adapted γ is chosen anew every so many updates, default 20. */
    public T gammaEvery(int updates) {
      options.gammaEvery = updates;
      return self();
    }

    /** Floor of an adapted γ; the default is √(least λ + η), and it is never below √η. */
    public T leastGamma(double value) {
      Check.that(
          value > 0 && Float.isFinite((float) value),
          "leastGamma %s must be positive and finite",
          value);
      options.leastGamma = (float) value;
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
