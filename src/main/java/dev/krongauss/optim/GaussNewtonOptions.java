package dev.krongauss.optim;

import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.kernel.Control;
import dev.krongauss.kernel.operations.Operations;
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
  boolean momentum;
  boolean averages;
  float averageDecay = 0.99f;
  boolean diagnostics;
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

  /** Whether a rule, or the report, needs the exact curvature along Δ. */
  boolean curvature() {
    return rescaling || adaptLambda || adaptGamma || diagnostics;
  }

  /** What acceptance and step sizes go by. */
  Control.Rules rules() {
    return new Control.Rules(
        l2, 1 / omega(), greatestLambda, rescaling, momentum, adaptLambda, adaptGamma);
  }

  /** The scalar block before the first update. */
  float[] scalars() {
    float[] initial = Scalars.blank();
    float following = (float) Math.sqrt(lambda + l2);
    initial[Control.LAMBDA] = lambda;
    initial[Control.GAMMA] = gamma != 0 ? gamma : following;
    if (adaptGamma) {
      initial[Control.GAMMA] = Math.max(following, gammaFloor());
    }
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
    Check.that(
        rescaling || !momentum,
        "momentum needs step sizes from the quadratic model; leave out rescaling(false) or"
            + " momentum(true)");
    Check.that(
        averageDecay >= 0 && averageDecay < 1,
        "decay %s of the averaged weights is outside of [0, 1), for example 0.99",
        averageDecay);
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
}
